// The shadow copies: copies of the volume's files in shadow1, shadow2 ... of the fake's folder, where the test has
// device objects lead to. They are in a file, as they outlive processes.
#include "fake.h"
#include <stdio.h>

static wstring list_file() { return folder() + L"\\shadows.txt"; }

vector<Shadow> shadows() {
    vector<Shadow> all;
    FILE *file = _wfopen(list_file().c_str(), L"r, ccs=UTF-8");
    if (!file) return all;
    wchar_t id[64], set[64], volume[400], device[400], exposed[400], part[400];
    long attributes;
    long long created;
    int number;
    while (fwscanf(file, L"%63ls %63ls %399ls %399ls %399ls %399ls %ld %lld %d\n", id, set, volume, device, exposed,
        part, &attributes, &created, &number) == 9)
        all.push_back(
            {guid_of(id), guid_of(set), volume, device, wcscmp(exposed, L"-") ? exposed : L"", wcscmp(part, L"-") ? part
                : L"", attributes, created, number});
    fclose(file);
    return all;
}

void keep(const vector<Shadow> &all) {
    wstring fresh = list_file() + L".new";
    FILE *file = _wfopen(fresh.c_str(), L"w, ccs=UTF-8");
    if (!file) return;
    for (auto &one : all) {
        fwprintf(file, L"%ls %ls %ls %ls %ls %ls %ld %lld %d\n", text_of(one.id).c_str(), text_of(one.set).c_str(),
            one.volume.c_str(), one.device.c_str(),
            one.exposed.empty() ? L"-" : one.exposed.c_str(), one.part.empty() ? L"-"
                : one.part.c_str(), one.attributes, one.created, one.number);
    }
    fclose(file);
    MoveFileExW(fresh.c_str(), list_file().c_str(), MOVEFILE_REPLACE_EXISTING);
}

static wstring place(int number) { return folder() + L"\\shadow" + std::to_wstring(number); }

static bool is_dots(const WIN32_FIND_DATAW &found) { return !wcscmp(found.cFileName, L".")
    || !wcscmp(found.cFileName, L".."); }

static void remove_tree(const wstring &path) {
    WIN32_FIND_DATAW found;
    HANDLE search = FindFirstFileW((path + L"\\*").c_str(), &found);
    if (search == INVALID_HANDLE_VALUE) return;
    do {
        if (is_dots(found)) continue;
        wstring one = path + L"\\" + found.cFileName;
        if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) remove_tree(one);
        else { SetFileAttributesW(one.c_str(), FILE_ATTRIBUTE_NORMAL); DeleteFileW(one.c_str()); }
    } while (FindNextFileW(search, &found));
    FindClose(search);
    RemoveDirectoryW(path.c_str());
}

static bool copy_tree(const wstring &from, const wstring &to) {
    CreateDirectoryW(to.c_str(), nullptr);
    WIN32_FIND_DATAW found;
    HANDLE search = FindFirstFileW((from + L"\\*").c_str(), &found);
    if (search == INVALID_HANDLE_VALUE) return GetLastError() == ERROR_FILE_NOT_FOUND;
    bool ok = true;
    do {
        if (is_dots(found) || (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)) continue;
        wstring source = from + L"\\" + found.cFileName, target = to + L"\\" + found.cFileName;
        if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) ok &= copy_tree(source, target);
        else ok &= CopyFileW(source.c_str(), target.c_str(), FALSE) != 0;
    } while (FindNextFileW(search, &found));
    FindClose(search);
    return ok;
}

bool freeze(const GUID &set, LONG context, const vector<std::pair<wstring, GUID>> &volumes) {
    auto all = shadows();
    int number = 1;
    for (auto &one : all) if (one.number >= number) number = one.number + 1;
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    bool ok = true;
    for (auto &volume : volumes) {
        wchar_t paths[1000] = {};
        DWORD length;
        wstring from = GetVolumePathNamesForVolumeNameW(volume.first.c_str(), paths, 1000, &length) && paths[0] ? paths
            : volume.first;
        from.pop_back();
        ok &= copy_tree(from, place(number));
        all.push_back(
            {volume.second, set, volume.first, L"\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy"
                + std::to_wstring(number), L"", L"",
            context | VSS_VOLSNAP_ATTR_DIFFERENTIAL, ((long long)now.dwHighDateTime << 32) | now.dwLowDateTime,
                number});
        number++;
    }
    keep(all);
    return ok;
}

int drop(const GUID &id, bool is_set) {
    vector<Shadow> rest;
    int dropped = 0;
    for (auto &one : shadows()) {
        if ((is_set ? one.set : one.id) != id) { rest.push_back(one); continue; }
        remove_tree(place(one.number));
        dropped++;
    }
    if (dropped) keep(rest);
    return dropped;
}

void fill(const Shadow &shadow, VSS_SNAPSHOT_PROP *properties) {
    memset(properties, 0, sizeof *properties);
    properties->m_SnapshotId = shadow.id;
    properties->m_SnapshotSetId = shadow.set;
    properties->m_lSnapshotsCount = 1;
    properties->m_pwszSnapshotDeviceObject = task_text(shadow.device);
    properties->m_pwszOriginalVolumeName = task_text(shadow.volume);
    properties->m_pwszOriginatingMachine = task_text(L"HOST");
    properties->m_pwszServiceMachine = task_text(L"HOST");
    if (!shadow.exposed.empty()) properties->m_pwszExposedName = task_text(shadow.exposed);
    if (!shadow.part.empty()) properties->m_pwszExposedPath = task_text(shadow.part);
    properties->m_ProviderId = {0xb5946137, 0x7b9f, 0x4925, {0xaf, 0x80, 0x51, 0xab, 0xd6, 0x0b, 0x20, 0xd5}};
    properties->m_lSnapshotAttributes = shadow.attributes;
    properties->m_tsCreationTimestamp = shadow.created;
    properties->m_eStatus = VSS_SS_CREATED;
}

struct List : Counted<IVssEnumObject, Enumerator> {
    vector<Shadow> all;
    size_t at = 0;
    explicit List(const vector<Shadow> &some) : all(some) {}
    bool has(REFIID iid) override { return iid == IID_IVssEnumObject; }
    STDMETHODIMP Next(ULONG count, VSS_OBJECT_PROP *objects, ULONG *fetched) override {
        enter("Next");
        *fetched = 0;
        HRESULT result = fails("Next");
        if (FAILED(result)) return result;
        for (; *fetched < count && at < all.size(); ++*fetched, ++objects) {
            memset(objects, 0, sizeof *objects);
            objects->Type = VSS_OBJECT_SNAPSHOT;
            fill(all[at++], &objects->Obj.Snap);
        }
        return *fetched == count ? S_OK : S_FALSE;
    }
    STDMETHODIMP Skip(ULONG count) override { at += count; return S_OK; }
    STDMETHODIMP Reset() override { at = 0; return S_OK; }
    STDMETHODIMP Clone(IVssEnumObject **) override { return E_NOTIMPL; }
};

IVssEnumObject *enumerate(const vector<Shadow> &all) { return new List(all); }
