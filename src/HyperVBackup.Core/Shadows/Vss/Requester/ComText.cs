using System;
using System.Runtime.InteropServices;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>Strings that native calls give, and who frees them.</summary>
internal static unsafe class ComText
{
    /// <summary>A BSTR that is ours: read and freed. Optional ones are null.</summary>
    public static string? TakeBstr(char* text)
    {
        if (text == null)
            return null;
        try
        {
            return ReadBstr(text);
        }
        finally
        {
            Marshal.FreeBSTR((IntPtr)text);
        }
    }

    /// <summary>A string of the task allocator that is ours: read and freed.</summary>
    public static string? TakeTaskMemory(char* text)
    {
        if (text == null)
            return null;
        try
        {
            return Read(text);
        }
        finally
        {
            Marshal.FreeCoTaskMem((IntPtr)text);
        }
    }

    /// <summary>A BSTR that stays its owner's.</summary>
    public static string? ReadBstr(char* text) => text == null ? null : Marshal.PtrToStringBSTR((IntPtr)text);

    /// <summary>A string that stays its owner's.</summary>
    public static string? Read(char* text) => text == null ? null : new string(text);
}
