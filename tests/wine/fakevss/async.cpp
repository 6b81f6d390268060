// What an asynchronous call gives. It ends as the script says: at once ("async|Call|code"), when it is cancelled
// ("pending|Call"), or when a file is there ("waitfor|Call|name").
#include "fake.h"

struct Operation : Counted<IVssAsync, Async> {
    string call;
    HRESULT status;
    explicit Operation(const char *name) : call(name) {
        HRESULT result = Script::current().result("async", name);
        bool waits = Script::current().says("pending", name) || !awaited().empty();
        status = waits ? VSS_S_ASYNC_PENDING : result == S_OK ? VSS_S_ASYNC_FINISHED : result;
        if (result != S_OK) say("  ends with 0x%08lx", (long)result);
    }
    wstring awaited() const {
        for (auto &line : Script::current().lines) if (
            line.size() > 2 && line[0] == L"waitfor" && narrow(line[1].c_str()) == call) return folder() + L"\\"
                + line[2];
        return L"";
    }
    bool has(REFIID iid) override { return iid == IID_IVssAsync; }
    STDMETHODIMP Cancel() override {
        say("IVssAsync::Cancel (%s)", call.c_str());
        if (status == VSS_S_ASYNC_PENDING) status = VSS_S_ASYNC_CANCELLED;
        return S_OK;
    }
    STDMETHODIMP Wait(DWORD milliseconds) override {
        HRESULT result = Script::current().result("wait", call.c_str());
        if (FAILED(result)) return result;
        if (milliseconds == INFINITE) say("IVssAsync::Wait (%s) without an end", call.c_str());
        if (status != VSS_S_ASYNC_PENDING) return S_OK;
        Sleep(milliseconds > 20 ? 20 : milliseconds);
        wstring file = awaited();
        if (!file.empty() && GetFileAttributesW(file.c_str()) != INVALID_FILE_ATTRIBUTES) status = VSS_S_ASYNC_FINISHED;
        return S_OK;
    }
    STDMETHODIMP QueryStatus(HRESULT *result, INT *reserved) override {
        HRESULT failure = Script::current().result("query", call.c_str());
        if (FAILED(failure)) return failure;
        if (!result || reserved) return E_INVALIDARG;
        *result = status;
        return S_OK;
    }
};

IVssAsync *operation(const char *call) { return new Operation(call); }
