// What is handed out and not yet given back: objects by kind, and strings, each of which must be freed by the
// function that is meant for it.
#include "fake.h"
#include <map>
#include <stdio.h>

static const char *const names[Kinds] =
    {"IVssAsync", "IVssExamineWriterMetadata", "IVssWMComponent", "IVssWMFiledesc", "IVssWriterComponents",
        "IVssComponent", "IVssEnumObject", "VSS_COMPONENTINFO", "IVssBackupComponents"};
static LONG alive[Kinds];

void born(Kind kind) { InterlockedIncrement(&alive[kind]); }
void died(Kind kind) { InterlockedDecrement(&alive[kind]); }

// The allocator asks this before it frees. A BSTR's block begins with its length (and, in 64 bits, padding); freed as
// anything else, it is freed at another address.
struct Spy : IMallocSpy {
    static const size_t BstrHead = sizeof(void *);
    CRITICAL_SECTION gate;
    std::map<void *, bool> given;   // the address that was handed out, and whether it is a BSTR
    int wrong = 0;
    Spy() { InitializeCriticalSection(&gate); }
    void add(void *memory, bool is_bstr) {
        EnterCriticalSection(&gate);
        given[memory] = is_bstr;
        LeaveCriticalSection(&gate);
    }
    STDMETHODIMP QueryInterface(REFIID iid, void **out) override {
        *out = iid == IID_IUnknown || iid == IID_IMallocSpy ? this : nullptr;
        return *out ? S_OK : E_NOINTERFACE;
    }
    STDMETHODIMP_(ULONG) AddRef() override { return 1; }
    STDMETHODIMP_(ULONG) Release() override { return 1; }
    STDMETHODIMP_(SIZE_T) PreAlloc(SIZE_T size) override { return size; }
    STDMETHODIMP_(PVOID) PostAlloc(void *memory) override { return memory; }
    STDMETHODIMP_(PVOID) PreFree(void *memory, WINBOOL) override {
        EnterCriticalSection(&gate);
        auto as_task = given.find(memory), as_bstr = given.find((char *)memory + BstrHead);
        if (as_task != given.end()) {
            if (as_task->second) wrong++;
            given.erase(as_task);
        } else if (as_bstr != given.end()) {
            if (!as_bstr->second) wrong++;
            given.erase(as_bstr);
        }
        LeaveCriticalSection(&gate);
        return memory;
    }
    STDMETHODIMP_(void) PostFree(WINBOOL) override {}
    STDMETHODIMP_(SIZE_T) PreRealloc(
        void *memory, SIZE_T size, void **now, WINBOOL) override { *now = memory; return size; }
    STDMETHODIMP_(PVOID) PostRealloc(void *memory, WINBOOL) override { return memory; }
    STDMETHODIMP_(PVOID) PreGetSize(void *memory, WINBOOL) override { return memory; }
    STDMETHODIMP_(SIZE_T) PostGetSize(SIZE_T size, WINBOOL) override { return size; }
    STDMETHODIMP_(PVOID) PreDidAlloc(void *memory, WINBOOL) override { return memory; }
    STDMETHODIMP_(int) PostDidAlloc(void *, WINBOOL, int actual) override { return actual; }
    STDMETHODIMP_(void) PreHeapMinimize() override {}
    STDMETHODIMP_(void) PostHeapMinimize() override {}
};
static Spy *spy;

void watch_memory() {
    if (spy) return;
    spy = new Spy();
    HRESULT result = CoRegisterMallocSpy(spy);
    if (FAILED(result)) say("strings are not watched: 0x%08lx", (long)result);
}

string living(bool instances) {
    string all;
    char line[100];
    for (int kind = 0; kind < Kinds; kind++) {
        if (!alive[kind] || (kind == Instance && !instances)) continue;
        snprintf(line, sizeof line, "%s%ld %s", all.empty() ? "" : ", ", (long)alive[kind], names[kind]);
        all += line;
    }
    if (spy) {
        EnterCriticalSection(&spy->gate);
        int bstrs = 0, others = 0;
        for (auto &one : spy->given) (one.second ? bstrs : others)++;
        for (auto &line
            : {std::make_pair(bstrs, "BSTR"), std::make_pair(others, "string of the task allocator"),
                std::make_pair(spy->wrong, "string freed by the wrong function")}) {
            if (line.first) all += (all.empty() ? "" : ", ") + std::to_string(line.first) + " " + line.second;
        }
        LeaveCriticalSection(&spy->gate);
    }
    return all;
}

BSTR bstr(const wstring &text) {
    BSTR result = SysAllocString(text.c_str());
    if (spy) spy->add(result, true);
    return result;
}

wchar_t *task_text(const wstring &text) {
    auto *result = (wchar_t *)CoTaskMemAlloc((text.size() + 1) * sizeof(wchar_t));
    memcpy(result, text.c_str(), (text.size() + 1) * sizeof(wchar_t));
    if (spy) spy->add(result, false);
    return result;
}
