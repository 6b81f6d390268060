// IVssBackupComponents: refuses what is out of order, as the service does, and does the rest.
#include "rest.h"

#define REQUIRE(condition) if (!(condition)) { say("  refused: out of order"); return VSS_E_BAD_STATE; }

struct Backup : NoRestore {
    bool initialized = false, state_set = false, gathered = false, started = false, prepared = false, done = false,
        completed = false, aborted = false, has_status = false;
    LONG context = VSS_CTX_BACKUP;
    GUID set = {};
    string phase;
    vector<Chosen> chosen;
    vector<std::pair<wstring, GUID>> volumes;

    bool has(REFIID iid) override {
        auto &script = Script::current();
        if (iid == IID_IVssBackupComponents || iid == IID_IVssBackupComponentsEx) return true;
        if (iid == IID_IVssBackupComponentsEx2) return !script.lacks("IVssBackupComponentsEx2");
        return iid == IID_IVssBackupComponentsEx3 && !script.lacks("IVssBackupComponentsEx3");
    }
    ~Backup() {
        // What is not persistent goes with its instance.
        if (done && !(context & VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE)) drop(set, true);
        if (started && !completed && !aborted) say("  released in the middle of a backup, without AbortBackup");
        string left = living(false);
        say("Release; still living: %s", left.empty() ? "nothing" : left.c_str());
    }

    // -- before the set
    STDMETHODIMP InitializeForBackup(BSTR xml) override {
        CALL("InitializeForBackup", "%s", narrow(xml).c_str())
        REQUIRE(!initialized)
        initialized = true;
        return S_OK;
    }
    STDMETHODIMP SetContext(LONG wanted) override {
        CALL("SetContext", "0x%lx", (long)wanted)
        REQUIRE(initialized && !gathered)
        context = wanted;
        return S_OK;
    }
    STDMETHODIMP SetBackupState(boolean select, boolean bootable, VSS_BACKUP_TYPE type, boolean partial) override {
        CALL("SetBackupState", "%d %d %d %d", select, bootable, type, partial)
        REQUIRE(initialized && !gathered && context != (LONG)VSS_CTX_ALL)
        state_set = true;
        return S_OK;
    }
    STDMETHODIMP GatherWriterMetadata(IVssAsync **out) override {
        CALL("GatherWriterMetadata")
        REQUIRE(state_set && !gathered)
        gathered = true;
        return begin("GatherWriterMetadata", out);
    }
    STDMETHODIMP GetWriterMetadataCount(UINT *count) override {
        CALL("GetWriterMetadataCount")
        REQUIRE(gathered)
        *count = Script::current().says("nowriter") ? 1 : 2;
        return S_OK;
    }
    STDMETHODIMP GetWriterMetadata(UINT index, VSS_ID *instance, IVssExamineWriterMetadata **out) override {
        CALL("GetWriterMetadata", "%u", index)
        if (index > 1) return VSS_E_OBJECT_NOT_FOUND;
        if (Script::current().says("null", "GetWriterMetadata")) { *out = nullptr; return S_OK; }
        *instance = index ? HyperVInstance : OtherInstance;
        *out = metadata(index == 1);
        return S_OK;
    }
    STDMETHODIMP AddComponent(
        VSS_ID instance, VSS_ID writer, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name) override {
        CALL("AddComponent", "%s %s %d %s %s", narrow(text_of(instance).c_str()).c_str(),
            narrow(text_of(writer).c_str()).c_str(), type, narrow(path).c_str(), narrow(name).c_str())
        REQUIRE(gathered && !started)
        if (writer != HyperVWriter || instance != HyperVInstance || !name
            || type != VSS_CT_FILEGROUP) return VSS_E_OBJECT_NOT_FOUND;
        chosen.push_back({instance, writer, type, path ? path : L"", name, path != nullptr, -1});
        return S_OK;
    }
    STDMETHODIMP IsVolumeSupported(VSS_ID provider, VSS_PWSZ volume, WINBOOL *supported) override {
        CALL("IsVolumeSupported", "%s by %s", narrow(volume).c_str(), narrow(text_of(provider).c_str()).c_str())
        if (provider != GUID_NULL) return VSS_E_PROVIDER_NOT_REGISTERED;
        // Any value but zero is true.
        *supported = Script::current().says("unsupported") ? FALSE : 0x100;
        return S_OK;
    }

    // -- the set
    STDMETHODIMP StartSnapshotSet(VSS_ID *id) override {
        CALL("StartSnapshotSet")
        REQUIRE(gathered && !started)
        started = true;
        CoCreateGuid(&set);
        *id = set;
        leave("StartSnapshotSet");
        return S_OK;
    }
    STDMETHODIMP AddToSnapshotSet(VSS_PWSZ volume, VSS_ID provider, VSS_ID *id) override {
        CALL("AddToSnapshotSet", "%s by %s", narrow(volume).c_str(), narrow(text_of(provider).c_str()).c_str())
        REQUIRE(started && !prepared)
        if (provider != GUID_NULL) return VSS_E_PROVIDER_NOT_REGISTERED;
        if (!volume || wcslen(volume) < 2 || volume[wcslen(volume) - 1] != L'\\') return VSS_E_OBJECT_NOT_FOUND;
        for (auto &one : volumes) if (!_wcsicmp(one.first.c_str(), volume)) return VSS_E_OBJECT_ALREADY_EXISTS;
        CoCreateGuid(id);
        volumes.push_back({volume, *id});
        leave("AddToSnapshotSet");
        return S_OK;
    }
    STDMETHODIMP PrepareForBackup(IVssAsync **out) override {
        CALL("PrepareForBackup")
        REQUIRE(!volumes.empty() && !prepared)
        prepared = true;
        phase = "PrepareForBackup";
        return begin("PrepareForBackup", out);
    }
    STDMETHODIMP DoSnapshotSet(IVssAsync **out) override {
        CALL("DoSnapshotSet")
        REQUIRE(prepared && !done)
        phase = "DoSnapshotSet";
        if (SUCCEEDED(Script::current().result("async", "DoSnapshotSet"))) {
            done = true;
            say(freeze(set, context, volumes) ? "  frozen" : "  frozen, not everything");
        }
        leave("DoSnapshotSet");
        return begin("DoSnapshotSet", out);
    }
    STDMETHODIMP BackupComplete(IVssAsync **out) override {
        CALL("BackupComplete")
        REQUIRE(done && !completed)
        completed = true;
        phase = "BackupComplete";
        leave("BackupComplete");
        return begin("BackupComplete", out);
    }
    STDMETHODIMP AbortBackup() override {
        CALL("AbortBackup")
        aborted = true;
        if (done) drop(set, true);
        done = false;
        return S_OK;
    }
    STDMETHODIMP SetBackupSucceeded(
        VSS_ID instance, VSS_ID writer, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
            boolean succeeded) override {
        CALL("SetBackupSucceeded", "%s %d %s %s %d", narrow(text_of(writer).c_str()).c_str(), type,
            narrow(path).c_str(), narrow(name).c_str(), succeeded)
        REQUIRE(done && !completed)
        for (auto &one : chosen) {
            if (one.instance == instance && one.writer == writer && one.type == type && one.name == name
                && one.path == (path ? path : L"")) { one.succeeded = succeeded; return S_OK; }
        }
        return VSS_E_OBJECT_NOT_FOUND;
    }
    STDMETHODIMP SaveAsXML(BSTR *xml) override {
        CALL("SaveAsXML")
        *xml = bstr(L"<BACKUP_COMPONENTS/>");
        return S_OK;
    }

    // -- the writers
    STDMETHODIMP GatherWriterStatus(IVssAsync **out) override {
        CALL("GatherWriterStatus")
        REQUIRE(prepared && !has_status)
        has_status = true;
        return begin("GatherWriterStatus", out);
    }
    STDMETHODIMP GetWriterStatusCount(UINT *count) override {
        CALL("GetWriterStatusCount")
        REQUIRE(has_status)
        *count = 2;
        return S_OK;
    }
    STDMETHODIMP FreeWriterStatus() override {
        CALL("FreeWriterStatus")
        has_status = false;
        return S_OK;
    }
    HRESULT status(UINT index, VSS_ID *instance, VSS_ID *writer, BSTR *name, VSS_WRITER_STATE *state, HRESULT *failure,
        const WriterWord **word) {
        if (index > 1) return VSS_E_OBJECT_NOT_FOUND;
        *word = nullptr;
        for (auto &one : index ? Script::current().writers : Script::current().others) {
            if (one.phase != phase || one.times <= 0) continue;
            one.times--;
            *word = &one;
            break;
        }
        *instance = index ? HyperVInstance : OtherInstance;
        *writer = index ? HyperVWriter : OtherWriter;
        *name = bstr(index ? L"Microsoft Hyper-V VSS Writer" : L"System Writer");
        *state = *word ? (VSS_WRITER_STATE)(*word)->state : VSS_WS_STABLE;
        *failure = *word ? (*word)->failure : S_OK;
        return S_OK;
    }
    STDMETHODIMP GetWriterStatus(
        UINT index, VSS_ID *instance, VSS_ID *writer, BSTR *name, VSS_WRITER_STATE *state, HRESULT *failure) override {
        CALL("GetWriterStatus", "%u", index)
        const WriterWord *word;
        return status(index, instance, writer, name, state, failure, &word);
    }
    STDMETHODIMP GetWriterStatusEx(
        UINT index, VSS_ID *instance, VSS_ID *writer, BSTR *name, VSS_WRITER_STATE *state, HRESULT *failure,
            HRESULT *application, BSTR *message) override {
        CALL("GetWriterStatusEx", "%u", index)
        const WriterWord *word;
        HRESULT result = status(index, instance, writer, name, state, failure, &word);
        if (FAILED(result)) return result;
        if (application) *application = word ? word->application : S_OK;
        if (message) *message = word && !word->message.empty() ? bstr(word->message) : nullptr;
        return S_OK;
    }
    STDMETHODIMP GetWriterComponentsCount(UINT *count) override {
        CALL("GetWriterComponentsCount")
        *count = chosen.empty() ? 0 : 1;
        return S_OK;
    }
    STDMETHODIMP GetWriterComponents(UINT index, IVssWriterComponentsExt **out) override {
        CALL("GetWriterComponents", "%u", index)
        if (index || chosen.empty()) return VSS_E_OBJECT_NOT_FOUND;
        *out = reinterpret_cast<IVssWriterComponentsExt *>(writer_components(chosen));
        return S_OK;
    }

    // -- what is there
    STDMETHODIMP GetSnapshotProperties(VSS_ID id, VSS_SNAPSHOT_PROP *properties) override {
        CALL("GetSnapshotProperties")
        for (auto &one : shadows()) if (one.id == id) { fill(one, properties); return S_OK; }
        return VSS_E_OBJECT_NOT_FOUND;
    }
    STDMETHODIMP Query(VSS_ID id, VSS_OBJECT_TYPE type, VSS_OBJECT_TYPE wanted, IVssEnumObject **list) override {
        CALL("Query", "%d %d", type, wanted)
        if (id != GUID_NULL || type != VSS_OBJECT_NONE || wanted != VSS_OBJECT_SNAPSHOT) return E_INVALIDARG;
        auto all = shadows();
        *list = all.empty() && Script::current().says("null", "Query") ? nullptr : enumerate(all);
        return all.empty() ? S_FALSE : S_OK;
    }
    STDMETHODIMP DeleteSnapshots(
        VSS_ID id, VSS_OBJECT_TYPE type, WINBOOL force, LONG *deleted, VSS_ID *not_deleted) override {
        const char *call = type == VSS_OBJECT_SNAPSHOT_SET ? "DeleteSnapshotSet" : "DeleteSnapshot";
        *deleted = 0;
        *not_deleted = id;
        CALL(call, "%s force %d", narrow(text_of(id).c_str()).c_str(), force)
        if (type != VSS_OBJECT_SNAPSHOT_SET && type != VSS_OBJECT_SNAPSHOT) return E_INVALIDARG;
        *deleted = drop(id, type == VSS_OBJECT_SNAPSHOT_SET);
        if (!*deleted) return VSS_E_OBJECT_NOT_FOUND;
        *not_deleted = GUID_NULL;
        leave(call);
        return S_OK;
    }
    STDMETHODIMP ExposeSnapshot(VSS_ID id, VSS_PWSZ part, LONG attributes, VSS_PWSZ where, VSS_PWSZ *exposed) override {
        CALL("ExposeSnapshot", "%s from %s attributes 0x%lx at %s", narrow(text_of(id).c_str()).c_str(),
            narrow(part).c_str(), (long)attributes, narrow(where).c_str())
        bool local = attributes == VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY;
        if ((!local && attributes != VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY) || (local && part)
            || !where) return E_INVALIDARG;
        auto all = shadows();
        for (auto &one : all) {
            if (one.id != id) continue;
            if (!(one.attributes & VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE)) return E_INVALIDARG;
            if (!one.exposed.empty()) return VSS_E_OBJECT_ALREADY_EXISTS;
            one.exposed = where;
            one.part = part ? part : L"";
            one.attributes |= attributes;
            keep(all);
            *exposed = task_text(where);
            leave("ExposeSnapshot");
            return S_OK;
        }
        return VSS_E_OBJECT_NOT_FOUND;
    }
    STDMETHODIMP UnexposeSnapshot(VSS_ID id) override {
        CALL("UnexposeSnapshot", "%s", narrow(text_of(id).c_str()).c_str())
        auto all = shadows();
        for (auto &one : all) {
            if (one.id != id || one.exposed.empty()) continue;
            one.exposed = one.part = L"";
            one.attributes &= ~(VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY | VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY);
            keep(all);
            return S_OK;
        }
        return VSS_E_OBJECT_NOT_FOUND;
    }

    // -- the rest
    HRESULT begin(const char *call, IVssAsync **out) {
        if (Script::current().says("null", call)) { *out = nullptr; return S_OK; }
        *out = operation(call);
        return S_OK;
    }
    STDMETHODIMP FreeWriterMetadata() override { CALL("FreeWriterMetadata") return S_OK; }
};

IVssBackupComponents *instance() { return new Backup(); }
