// A vssapi.dll for tests under Wine: a Volume Shadow Copy service that refuses what is out of order, does what a
// script tells it to, writes every call down, and counts what it hands out.
// Its interfaces are those of Debian's vss.h, vswriter.h and vsbackup.h (mingw-w64), of which one is mended:
// IVssWriterComponentsExt derives from IVssWriterComponents and from IUnknown.
#pragma once
#ifndef UNICODE
#define UNICODE
#endif
#include <windows.h>
#include <ole2.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>
#include <string>
#include <vector>

using std::string;
using std::vector;
using std::wstring;

// ---- what is written down (script.cpp)
void say(const char *format, ...);
string narrow(const wchar_t *text);
wstring text_of(REFGUID id);
GUID guid_of(const wstring &text);
wstring folder();   // of the script, the log and the shadow copies: %FAKEVSS%, or C:\fakevss

// ---- what the script tells (script.cpp)
struct MachineFile { wstring path, specification; bool recursive; };
struct Machine { wstring id, caption; vector<MachineFile> files; };
struct WriterWord { string phase; int state; HRESULT failure, application; wstring message; int times; };
struct ComponentWord { wstring id; HRESULT failure, application; wstring message; };
struct Script {
    vector<Machine> machines;
    vector<vector<wstring>> lines;
    static Script &current();                            // read when the first instance is made, or set by a test
    static void set(const wchar_t *text);
    bool lacks(const char *interface_name) const;
    bool says(const char *first, const char *second = nullptr) const;
    HRESULT result(const char *kind, const char *call) const;   // "fail" and "async" of this, the nth, call
    const ComponentWord *component(const wstring &id) const;
    vector<ComponentWord> components;
    vector<WriterWord> writers, others;                  // of the Hyper-V writer, of another one
};
// Notes a call; ends the process where the script says so ("kill|Call|n"). The same after it has had its effect
// ("killed|Call|n").
void enter(const char *call, const char *format = "", ...);
void leave(const char *call);
// What the call itself gives: S_OK where the script says nothing.
HRESULT fails(const char *call);
// A call that is written down, and fails where the script wants it to.
#define CALL(name, ...) \
    { enter(name, ##__VA_ARGS__); HRESULT failure = fails(name); if (FAILED(failure)) return failure; }

// ---- what is handed out (memory.cpp)
enum Kind { Async, Metadata, MetadataComponent, FileDescription, WriterComponents, WriterComponent, Enumerator,
    ComponentInfo, Instance, Kinds };
void born(Kind kind);
void died(Kind kind);
string living(bool instances);                           // "" when nothing is
void watch_memory();
BSTR bstr(const wstring &text);                          // counted until it is freed, by what must free it
wchar_t *task_text(const wstring &text);

template <class I, Kind kind> struct Counted : I {
    LONG references = 1;
    Counted() { born(kind); }
    virtual ~Counted() { died(kind); }
    virtual bool has(REFIID) { return false; }
    STDMETHODIMP QueryInterface(REFIID iid, void **out) override {
        if (iid != IID_IUnknown && !has(iid)) { *out = nullptr; return E_NOINTERFACE; }
        *out = this;
        AddRef();
        return S_OK;
    }
    STDMETHODIMP_(ULONG) AddRef() override { return InterlockedIncrement(&references); }
    STDMETHODIMP_(ULONG) Release() override {
        LONG left = InterlockedDecrement(&references);
        if (!left) delete this;
        return left;
    }
};

// ---- the parts
extern const GUID HyperVWriter, HyperVInstance, OtherWriter, OtherInstance;
IVssAsync *operation(const char *call);                  // async.cpp: ends as the script says
IVssExamineWriterMetadata *metadata(bool hyper_v);       // metadata.cpp
IVssBackupComponents *instance();                        // backup.cpp
struct Chosen { GUID instance, writer; VSS_COMPONENT_TYPE type; wstring path, name; bool has_path; int succeeded; };
IVssWriterComponents *writer_components(const vector<Chosen> &chosen);   // components.cpp

struct Shadow { GUID id, set; wstring volume, device, exposed, part; LONG attributes; long long created; int number; };
vector<Shadow> shadows();                                // shadows.cpp: kept in a file, as they outlive processes
void keep(const vector<Shadow> &all);
bool freeze(const GUID &set, LONG context, const vector<std::pair<wstring, GUID>> &volumes);
int drop(const GUID &id, bool is_set);
void fill(const Shadow &shadow, VSS_SNAPSHOT_PROP *properties);
IVssEnumObject *enumerate(const vector<Shadow> &all);
