#include "fake.h"
#include <map>
#include <stdarg.h>
#include <stdio.h>

const GUID HyperVWriter = {0x66841cd4, 0x6ded, 0x4f4b, {0x8f, 0x17, 0xfd, 0x23, 0xf8, 0xdd, 0xc3, 0xde}};
const GUID HyperVInstance = {0x11111111, 0x2222, 0x3333, {0x44, 0x44, 0x55, 0x55, 0x66, 0x66, 0x77, 0x77}};
const GUID OtherWriter = {0xe8132975, 0x6f93, 0x4464, {0xa5, 0x3e, 0x10, 0x50, 0x25, 0x3a, 0xe2, 0x20}};
const GUID OtherInstance = {0x99999999, 0x2222, 0x3333, {0x44, 0x44, 0x55, 0x55, 0x66, 0x66, 0x77, 0x77}};

wstring folder() {
    wchar_t name[MAX_PATH];
    DWORD length = GetEnvironmentVariableW(L"FAKEVSS", name, MAX_PATH);
    return length && length < MAX_PATH ? name : L"C:\\fakevss";
}

string narrow(const wchar_t *text) {
    if (!text) return "(null)";
    int bytes = WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
    string result(bytes, 0);
    WideCharToMultiByte(CP_UTF8, 0, text, -1, &result[0], bytes, nullptr, nullptr);
    result.resize(bytes - 1);
    return result;
}

static wstring widen(const string &text) {
    int length = MultiByteToWideChar(CP_UTF8, 0, text.data(), (int)text.size(), nullptr, 0);
    wstring result(length, 0);
    MultiByteToWideChar(CP_UTF8, 0, text.data(), (int)text.size(), &result[0], length);
    return result;
}

wstring text_of(REFGUID id) {
    wchar_t text[64];
    StringFromGUID2(id, text, 64);
    return text;
}

GUID guid_of(const wstring &text) {
    GUID id = {};
    CLSIDFromString(text.c_str(), &id);
    return id;
}

static void write_line(const string &line) {
    FILE *file = _wfopen((folder() + L"\\calls.log").c_str(), L"a");
    if (!file) return;
    fprintf(file, "%s\n", line.c_str());
    fclose(file);
}

static string formatted(const char *format, va_list arguments) {
    char text[4000];
    vsnprintf(text, sizeof text, format, arguments);
    return text;
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(formatted(format, arguments));
    va_end(arguments);
}

static std::map<string, int> counts;

static void end_here(const char *kind, const char *call) {
    for (auto &line : Script::current().lines) {
        if (line.size() < 3 || line[0] != widen(kind) || line[1] != widen(call)
            || _wtoi(line[2].c_str()) != counts[call]) continue;
        say("  %s: the process ends here", kind);
        TerminateProcess(GetCurrentProcess(), 137);
    }
}

void enter(const char *call, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    string more = formatted(format, arguments);
    va_end(arguments);
    counts[call]++;
    write_line(string(call) + (more.empty() ? "" : " ") + more);
    end_here("kill", call);
}

void leave(const char *call) { end_here("killed", call); }

HRESULT fails(const char *call) {
    HRESULT result = Script::current().result("fail", call);
    if (FAILED(result)) say("  fails: 0x%08lx", (long)result);
    return result;
}

static vector<wstring> fields_of(const wstring &line) {
    vector<wstring> fields;
    for (size_t at = 0;;) {
        size_t end = line.find(L'|', at);
        fields.push_back(line.substr(at, end == wstring::npos ? end : end - at));
        if (end == wstring::npos) return fields;
        at = end + 1;
    }
}

static HRESULT code_of(const wstring &text) { return (HRESULT)wcstoul(text.c_str(), nullptr, 16); }

static Script script_of(const wstring &text) {
    Script script;
    for (size_t at = 0; at < text.size();) {
        size_t end = text.find(L'\n', at);
        wstring line = text.substr(at, end == wstring::npos ? end : end - at);
        at = end == wstring::npos ? text.size() : end + 1;
        if (!line.empty() && line.back() == L'\r') line.pop_back();
        auto fields = fields_of(line);
        script.lines.push_back(fields);
        fields.resize(8);
        if (fields[0] == L"machine") {
            Machine *known = nullptr;
            for (auto &machine : script.machines) if (machine.id == fields[1]) known = &machine;
            if (!known) { script.machines.push_back({fields[1], fields[2], {}}); known = &script.machines.back(); }
            if (!fields[3].empty()) known->files.push_back({fields[3], fields[4], fields[5] == L"1"});
        }
        if (fields[0] == L"writer" || fields[0] == L"other") {
            WriterWord word =
                {narrow(fields[1].c_str()), _wtoi(fields[2].c_str()), code_of(fields[3]), code_of(fields[4]), fields[5],
                    fields[6].empty() ? 1 << 30 : _wtoi(fields[6].c_str())};
            (fields[0] == L"writer" ? script.writers : script.others).push_back(word);
        }
        if (fields[0] == L"component") script.components.push_back(
            {fields[1], code_of(fields[2]), code_of(fields[3]), fields[4]});
    }
    return script;
}

static Script given;
static bool is_given;

void Script::set(const wchar_t *text) {
    given = script_of(text);
    is_given = true;
    counts.clear();
}

Script &Script::current() {
    if (is_given) return given;
    string content;
    if (FILE *file = _wfopen((folder() + L"\\script.txt").c_str(), L"rb")) {
        char buffer[4096];
        for (size_t got; (got = fread(buffer, 1, sizeof buffer, file)) > 0;) content.append(buffer, got);
        fclose(file);
    }
    given = script_of(widen(content));
    is_given = true;
    return given;
}

bool Script::says(const char *first, const char *second) const {
    for (auto &line : lines) if (
        line[0] == widen(first) && (!second || (line.size() > 1 && line[1] == widen(second)))) return true;
    return false;
}

bool Script::lacks(const char *interface_name) const { return says("lacks", interface_name); }

HRESULT Script::result(const char *kind, const char *call) const {
    for (auto &line : lines) {
        if (line.size() < 3 || line[0] != widen(kind) || line[1] != widen(call)) continue;
        int from = line.size() > 3 && !line[3].empty() ? _wtoi(line[3].c_str()) : 1, to = line.size() > 4
            ? _wtoi(line[4].c_str()) : 1 << 30;
        int nth = counts[call] ? counts[call] : 1;   // Of members of which not every call is written down, it is each.
        if (nth >= from && nth <= to) return code_of(line[2]);
    }
    return S_OK;
}

const ComponentWord *Script::component(const wstring &id) const {
    for (auto &word : components) if (_wcsicmp(word.id.c_str(), id.c_str()) == 0) return &word;
    return nullptr;
}
