// What writers say they have: the Hyper-V writer the script's machines, another writer nothing.
#include "fake.h"

struct File : Counted<IVssWMFiledesc, FileDescription> {
    MachineFile file;
    explicit File(const MachineFile &one) : file(one) {}
    STDMETHODIMP GetPath(BSTR *text) override { *text = bstr(file.path); return S_OK; }
    STDMETHODIMP GetFilespec(BSTR *text) override { *text = bstr(file.specification); return S_OK; }
    STDMETHODIMP GetRecursive(boolean *recursive) override { *recursive = file.recursive; return S_OK; }
    STDMETHODIMP GetAlternateLocation(BSTR *text) override {
        HRESULT result = fails("GetAlternateLocation");
        if (FAILED(result)) return result;
        *text = Script::current().says("alternate") ? bstr(L"C:\\elsewhere") : nullptr;
        return *text ? S_OK : S_FALSE;
    }
    STDMETHODIMP GetBackupTypeMask(DWORD *mask) override { *mask = 0x101; return S_OK; }
};

struct WMComponent : Counted<IVssWMComponent, MetadataComponent> {
    Machine machine;
    PVSSCOMPONENTINFO info = nullptr;
    explicit WMComponent(const Machine &one) : machine(one) {}
    STDMETHODIMP GetComponentInfo(PVSSCOMPONENTINFO *out) override {
        HRESULT result = fails("GetComponentInfo");
        if (FAILED(result)) return result;
        auto *one = (VSS_COMPONENTINFO *)CoTaskMemAlloc(sizeof(VSS_COMPONENTINFO));
        memset(one, 0, sizeof *one);
        one->type = VSS_CT_FILEGROUP;
        one->bstrLogicalPath = Script::current().says("logicalpath") ? bstr(L"the path") : nullptr;
        one->bstrComponentName = bstr(machine.id);
        one->bstrCaption = machine.caption.empty() ? nullptr : bstr(machine.caption);
        one->bSelectable = true;
        one->bNotifyOnBackupComplete = true;
        one->cFileCount = (UINT)machine.files.size();
        born(ComponentInfo);
        *out = info = one;
        return S_OK;
    }
    STDMETHODIMP FreeComponentInfo(PVSSCOMPONENTINFO given) override {
        // Another component's is not this one's to free.
        if (!given || given != info) return E_INVALIDARG;
        SysFreeString(given->bstrLogicalPath);
        SysFreeString(given->bstrComponentName);
        SysFreeString(given->bstrCaption);
        CoTaskMemFree((void *)given);
        info = nullptr;
        died(ComponentInfo);
        return S_OK;
    }
    STDMETHODIMP GetFile(UINT index, IVssWMFiledesc **file) override {
        if (index >= machine.files.size()) return VSS_E_OBJECT_NOT_FOUND;
        *file = new File(machine.files[index]);
        return S_OK;
    }
    STDMETHODIMP GetDatabaseFile(UINT, IVssWMFiledesc **) override { return VSS_E_OBJECT_NOT_FOUND; }
    STDMETHODIMP GetDatabaseLogFile(UINT, IVssWMFiledesc **) override { return VSS_E_OBJECT_NOT_FOUND; }
    STDMETHODIMP GetDependency(UINT, IVssWMDependency **) override { return VSS_E_OBJECT_NOT_FOUND; }
};

struct Writer : Counted<IVssExamineWriterMetadata, Metadata> {
    bool hyper_v;
    explicit Writer(bool is_hyper_v) : hyper_v(is_hyper_v) {}
    bool has(REFIID iid) override { return iid == IID_IVssExamineWriterMetadata; }
    size_t count() const { return hyper_v ? Script::current().machines.size() : 0; }
    STDMETHODIMP GetIdentity(
        VSS_ID *instance, VSS_ID *writer, BSTR *name, VSS_USAGE_TYPE *usage, VSS_SOURCE_TYPE *source) override {
        HRESULT result = fails("GetIdentity");
        if (FAILED(result)) return result;
        *instance = hyper_v ? HyperVInstance : OtherInstance;
        *writer = hyper_v ? HyperVWriter : OtherWriter;
        *name = bstr(hyper_v ? L"Microsoft Hyper-V VSS Writer" : L"System Writer");
        *usage = VSS_UT_USERDATA;
        *source = VSS_ST_OTHER;
        return S_OK;
    }
    STDMETHODIMP GetFileCounts(UINT *includes, UINT *excludes, UINT *components) override {
        *includes = *excludes = 0;
        *components = (UINT)count();
        return fails("GetFileCounts");
    }
    STDMETHODIMP GetIncludeFile(UINT, IVssWMFiledesc **) override { return VSS_E_OBJECT_NOT_FOUND; }
    STDMETHODIMP GetExcludeFile(UINT, IVssWMFiledesc **) override { return VSS_E_OBJECT_NOT_FOUND; }
    STDMETHODIMP GetComponent(UINT index, IVssWMComponent **component) override {
        if (index >= count()) return VSS_E_OBJECT_NOT_FOUND;
        *component = new WMComponent(Script::current().machines[index]);
        return S_OK;
    }
    STDMETHODIMP GetRestoreMethod(
        VSS_RESTOREMETHOD_ENUM *, BSTR *, BSTR *, VSS_WRITERRESTORE_ENUM *, boolean *,
            UINT *) override { return S_FALSE; }
    STDMETHODIMP GetAlternateLocationMapping(UINT, IVssWMFiledesc **) override { return VSS_E_OBJECT_NOT_FOUND; }
    STDMETHODIMP GetBackupSchema(DWORD *schema) override { *schema = 0; return S_OK; }
    STDMETHODIMP GetDocument(IXMLDOMDocument **) override { return E_NOTIMPL; }
    STDMETHODIMP SaveAsXML(BSTR *xml) override {
        HRESULT result = fails("WriterSaveAsXML");
        if (FAILED(result)) return result;
        *xml = bstr(hyper_v ? L"<WRITER_METADATA of=\"Hyper-V\"/>" : L"<WRITER_METADATA of=\"System\"/>");
        return S_OK;
    }
    STDMETHODIMP LoadFromXML(BSTR) override { return E_NOTIMPL; }
};

IVssExamineWriterMetadata *metadata(bool hyper_v) { return new Writer(hyper_v); }
