using System.Runtime.InteropServices;

namespace HyperVBackup.Bench.Children;

/// <summary>What is needed of the C library of Linux to start a program and to learn what it used.</summary>
internal static unsafe class Libc
{
    public const int Interrupted = 4;
    public const int Terminate = 15;
    public const int WriteCreateTruncate = 0x1 | 0x40 | 0x200; // O_WRONLY | O_CREAT | O_TRUNC

    [DllImport("libc")]
    public static extern int posix_spawnp(
        int* pid,
        byte* file,
        void* actions,
        void* attributes,
        byte** argv,
        byte** envp
    );

    [DllImport("libc")]
    public static extern int posix_spawn_file_actions_init(void* actions);

    [DllImport("libc")]
    public static extern int posix_spawn_file_actions_addopen(
        void* actions,
        int descriptor,
        byte* path,
        int flags,
        uint mode
    );

    [DllImport("libc")]
    public static extern int posix_spawn_file_actions_destroy(void* actions);

    [DllImport("libc", SetLastError = true)]
    public static extern int wait4(int pid, int* status, int options, long* usage);

    [DllImport("libc", SetLastError = true)]
    public static extern int kill(int pid, int signal);

    [DllImport("libc")]
    public static extern void sync();

    [DllImport("libc")]
    public static extern uint geteuid();
}
