/*
 * elevate OUTPUT [-interrupt FILE | -console] PROGRAM [ARGUMENTS]: starts a program as "Run as administrator" does, with both its
 * outputs in a file, and ends with its exit code. Wine gives ordinary programs a token that is not elevated.
 * -interrupt: once FILE is there, Ctrl+C is pressed in the program's console.
 * -console: the program has the console that this one has, and nothing of it is in OUTPUT.
 */
#ifndef UNICODE
#define UNICODE
#endif
#include <windows.h>
#include <shellapi.h>
#include <stdio.h>
#include <wchar.h>

static wchar_t command[30000];

/* As the C runtime takes command lines apart again. */
static void append(const wchar_t *argument) {
    if (*command) wcscat(command, L" ");
    wcscat(command, L"\"");
    for (size_t slashes = 0; *argument; argument++) {
        slashes = *argument == L'\\' ? slashes + 1 : 0;
        wchar_t one[2] = {*argument, 0};
        wcscat(command, one);
        if (argument[1] && argument[1] != L'"') continue;
        for (; slashes; slashes--) wcscat(command, L"\\");
    }
    wcscat(command, L"\"");
}

static int as_administrator(int count, wchar_t **arguments) {
    wchar_t self[MAX_PATH];
    GetModuleFileNameW(NULL, self, MAX_PATH);
    append(L"-inner");
    for (int i = 1; i < count; i++) append(arguments[i]);
    SHELLEXECUTEINFOW start = {sizeof start};
    start.fMask = SEE_MASK_NOCLOSEPROCESS | SEE_MASK_FLAG_NO_UI;
    start.lpVerb = L"runas";
    start.lpFile = self;
    start.lpParameters = command;
    start.nShow = SW_HIDE;
    if (!ShellExecuteExW(&start)) { printf("ShellExecuteEx: %lu\n", GetLastError()); return 99; }
    DWORD code;
    WaitForSingleObject(start.hProcess, INFINITE);
    GetExitCodeProcess(start.hProcess, &code);
    return (int)code;
}

static int inner(int count, wchar_t **arguments) {
    int first = 3;
    const wchar_t *interrupt = NULL;
    BOOL console = FALSE;
    if (count > 4 && !wcscmp(arguments[3], L"-interrupt")) { interrupt = arguments[4]; first = 5; }
    if (!wcscmp(arguments[3], L"-console")) { console = TRUE; first = 4; }
    for (int i = first; i < count; i++) append(arguments[i]);
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    HANDLE output = CreateFileW(arguments[2], GENERIC_WRITE, FILE_SHARE_READ, &inherited, CREATE_ALWAYS, 0, NULL);
    HANDLE input = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ, &inherited, OPEN_EXISTING, 0, NULL);
    if (interrupt || console) FreeConsole();
    if (interrupt) AllocConsole();
    if (console) AttachConsole(ATTACH_PARENT_PROCESS);
    STARTUPINFOW start = {sizeof start};
    start.dwFlags = console ? 0 : STARTF_USESTDHANDLES;
    start.hStdInput = input;
    start.hStdOutput = start.hStdError = output;
    PROCESS_INFORMATION process;
    if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &start, &process)) return 98;
    if (interrupt) {
        /* Not before the program is there, which would inherit it. */
        SetConsoleCtrlHandler(NULL, TRUE);
        while (GetFileAttributesW(interrupt) == INVALID_FILE_ATTRIBUTES) {
            if (WaitForSingleObject(process.hProcess, 20) != WAIT_TIMEOUT) break;
        }
        GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0);
    }
    DWORD code;
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}

int wmain(int count, wchar_t **arguments) {
    if (count < 4) return 97;
    return wcscmp(arguments[1], L"-inner") ? as_administrator(count, arguments) : inner(count, arguments);
}
