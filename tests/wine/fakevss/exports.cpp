// What vssapi.dll exports, as far as a requester calls it, and what tests in the same process need.
#include "fake.h"
extern "C" {
__declspec(dllexport) HRESULT WINAPI CreateVssBackupComponentsInternal(IVssBackupComponents **out) {
    CreateDirectoryW(folder().c_str(), nullptr);
    watch_memory();
    CALL("CreateVssBackupComponents")
    *out = Script::current().says("null", "CreateVssBackupComponents") ? nullptr : instance();
    return S_OK;
}

__declspec(dllexport) void WINAPI VssFreeSnapshotPropertiesInternal(VSS_SNAPSHOT_PROP *properties) {
    for (auto text : {properties->m_pwszSnapshotDeviceObject, properties->m_pwszOriginalVolumeName,
        properties->m_pwszOriginatingMachine, properties->m_pwszServiceMachine, properties->m_pwszExposedName,
            properties->m_pwszExposedPath})
        CoTaskMemFree(text);
    memset(properties, 0, sizeof *properties);
}

// For tests in the same process.
__declspec(dllexport) void WINAPI FakeVssScript(const wchar_t *text) {
    CreateDirectoryW(folder().c_str(), nullptr);
    watch_memory();
    Script::set(text);
}

__declspec(dllexport) void WINAPI FakeVssLiving(wchar_t *text, int length) {
    string all = living(true);
    MultiByteToWideChar(CP_UTF8, 0, all.c_str(), -1, text, length);
}
}

BOOL WINAPI DllMain(HINSTANCE, DWORD reason, LPVOID) {
    if (reason == DLL_PROCESS_DETACH) {
        string left = living(true);
        say("The process ends; still living: %s", left.empty() ? "nothing" : left.c_str());
    }
    return TRUE;
}
