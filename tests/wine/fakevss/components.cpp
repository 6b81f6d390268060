// What the writers noted on the components of a backup: what the script says, or nothing.
#include "fake.h"

// The members that no backup calls.
#define NO(name, ...) \
    STDMETHODIMP name(__VA_ARGS__) override { say("  %s is not for a backup", #name); return E_NOTIMPL; }

struct Component : Counted<IVssComponentEx2, WriterComponent> {
    Chosen chosen;
    explicit Component(const Chosen &one) : chosen(one) {}
    const ComponentWord *word() const { return Script::current().component(chosen.name); }
    bool has(REFIID iid) override {
        auto &script = Script::current();
        return iid == IID_IVssComponent || (iid == IID_IVssComponentEx && !script.lacks("IVssComponentEx"))
            || (iid == IID_IVssComponentEx2 && !script.lacks("IVssComponentEx2"));
    }
    STDMETHODIMP GetLogicalPath(
        BSTR *text) override { *text = chosen.has_path ? bstr(chosen.path) : nullptr; return chosen.has_path ? S_OK
            : S_FALSE; }
    STDMETHODIMP GetComponentType(VSS_COMPONENT_TYPE *type) override { *type = chosen.type; return S_OK; }
    STDMETHODIMP GetComponentName(BSTR *text) override {
        enter("GetComponentName");
        HRESULT result = fails("GetComponentName");
        if (FAILED(result)) return result;
        *text = bstr(chosen.name);
        return S_OK;
    }
    STDMETHODIMP GetBackupSucceeded(boolean *succeeded) override { *succeeded = chosen.succeeded == 1; return S_OK; }
    STDMETHODIMP GetFailure(HRESULT *failure, HRESULT *application, BSTR *message, DWORD *reserved) override {
        enter("GetFailure");
        HRESULT result = fails("GetFailure");
        if (FAILED(result)) return result;
        *failure = word() ? word()->failure : S_OK;
        *application = word() ? word()->application : S_OK;
        bool words = word() && !word()->message.empty() && !Script::current().says("oldwords");
        *message = words ? bstr(word()->message) : nullptr;
        if (reserved) *reserved = 0;
        return S_OK;
    }
    // Where a writer that does not know GetFailure leaves its words ("oldwords|PrepareForBackup",
    // "oldwords|PostSnapshot").
    HRESULT old_words(const char *phase, BSTR *text) {
        bool words = word() && Script::current().says("oldwords", phase);
        *text = words ? bstr(word()->message) : nullptr;
        return words ? S_OK : S_FALSE;
    }
    STDMETHODIMP GetPrepareForBackupFailureMsg(BSTR *text) override { return old_words("PrepareForBackup", text); }
    STDMETHODIMP GetPostSnapshotFailureMsg(BSTR *text) override { return old_words("PostSnapshot", text); }

    NO(GetAlternateLocationMappingCount, UINT *) NO(GetAlternateLocationMapping, UINT, IVssWMFiledesc **)
    NO(SetBackupMetadata, LPCWSTR) NO(GetBackupMetadata, BSTR *)
    NO(AddPartialFile, LPCWSTR, LPCWSTR, LPCWSTR, LPCWSTR) NO(GetPartialFileCount, UINT *)
    NO(GetPartialFile, UINT, BSTR *, BSTR *, BSTR *, BSTR *)
    NO(IsSelectedForRestore, boolean *) NO(GetAdditionalRestores, boolean *) NO(GetNewTargetCount, UINT *)
    NO(GetNewTarget, UINT, IVssWMFiledesc **)
    NO(AddDirectedTarget, LPCWSTR, LPCWSTR, LPCWSTR, LPCWSTR, LPCWSTR, LPCWSTR) NO(GetDirectedTargetCount, UINT *)
    NO(GetDirectedTarget, UINT, BSTR *, BSTR *, BSTR *, BSTR *, BSTR *, BSTR *)
    NO(SetRestoreMetadata, LPCWSTR) NO(GetRestoreMetadata, BSTR *) NO(SetRestoreTarget, VSS_RESTORE_TARGET)
    NO(GetRestoreTarget, VSS_RESTORE_TARGET *)
    NO(SetPreRestoreFailureMsg, LPCWSTR) NO(GetPreRestoreFailureMsg, BSTR *) NO(SetPostRestoreFailureMsg, LPCWSTR)
    NO(GetPostRestoreFailureMsg, BSTR *)
    NO(SetBackupStamp, LPCWSTR) NO(GetBackupStamp, BSTR *) NO(GetPreviousBackupStamp, BSTR *)
    NO(GetBackupOptions, BSTR *) NO(GetRestoreOptions, BSTR *)
    NO(GetRestoreSubcomponentCount, UINT *) NO(GetRestoreSubcomponent, UINT, BSTR *, BSTR *, boolean *)
    NO(GetFileRestoreStatus, VSS_FILE_RESTORE_STATUS *)
    NO(AddDifferencedFilesByLastModifyTime, LPCWSTR, LPCWSTR, WINBOOL, FILETIME)
    NO(AddDifferencedFilesByLastModifyLSN, LPCWSTR, LPCWSTR, WINBOOL, BSTR)
    NO(GetDifferencedFilesCount, UINT *) NO(GetDifferencedFile, UINT, BSTR *, BSTR *, WINBOOL *, BSTR *, FILETIME *)
    NO(SetPrepareForBackupFailureMsg, LPCWSTR) NO(SetPostSnapshotFailureMsg, LPCWSTR)
    NO(GetAuthoritativeRestore, boolean *) NO(GetRollForward, VSS_ROLLFORWARD_TYPE *, BSTR *)
    NO(GetRestoreName, BSTR *) NO(SetFailure, HRESULT, HRESULT, LPCWSTR, DWORD)
};

// Two bases, and so two tables: the first begins with GetComponentCount, the second is IUnknown's.
struct Components : IVssWriterComponents, IUnknown {
    LONG references = 1;
    vector<Chosen> chosen;
    explicit Components(const vector<Chosen> &all) : chosen(all) { born(WriterComponents); }
    virtual ~Components() { died(WriterComponents); }
    STDMETHODIMP GetComponentCount(UINT *count) override { *count = (UINT)chosen.size(); return S_OK; }
    STDMETHODIMP GetWriterInfo(
        VSS_ID *instance, VSS_ID *writer) override { *instance = HyperVInstance; *writer = HyperVWriter; return S_OK; }
    STDMETHODIMP GetComponent(UINT index, IVssComponent **component) override {
        if (index >= chosen.size()) return VSS_E_OBJECT_NOT_FOUND;
        *component = new Component(chosen[index]);
        return S_OK;
    }
    STDMETHODIMP QueryInterface(REFIID, void **out) override { *out = nullptr; return E_NOINTERFACE; }
    STDMETHODIMP_(ULONG) AddRef() override { return InterlockedIncrement(&references); }
    STDMETHODIMP_(ULONG) Release() override {
        LONG left = InterlockedDecrement(&references);
        if (!left) delete this;
        return left;
    }
};

IVssWriterComponents *writer_components(const vector<Chosen> &chosen) { return new Components(chosen); }
