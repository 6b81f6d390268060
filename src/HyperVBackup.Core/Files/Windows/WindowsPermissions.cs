using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using static HyperVBackup.Files.Windows.WindowsNative;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// Reads who may change a file or folder: its owner and its access list ("How DACLs Control Access to an Object",
/// [MS-DTYP] 2.4).
/// </summary>
internal static unsafe class WindowsPermissions
{
    private const int FileObject = 1; // SE_FILE_OBJECT
    private const uint Owner = 1,
        AccessList = 4; // OWNER_SECURITY_INFORMATION, DACL_SECURITY_INFORMATION

    // Write or append data (in a folder: add files or folders), delete children or it, change its permissions or owner;
    // and the generic rights that hold these.
    private const uint Changes = 0x2 | 0x4 | 0x40 | 0x1_0000 | 0x4_0000 | 0x8_0000 | 0x1000_0000 | 0x4000_0000;

    // [MS-DTYP] 2.4.2.4. CREATOR OWNER and OWNER RIGHTS stand for the owner, who is looked at anyway; TrustedInstaller
    // is Windows itself.
    private static readonly HashSet<string> Trusted = new(StringComparer.Ordinal)
    {
        "S-1-5-32-544",
        "S-1-5-18",
        "S-1-3-0",
        "S-1-3-4",
        "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
    };

    private static readonly Lazy<string?> CurrentUser = new(FindCurrentUser);

    /// <summary>What <see cref="IFileSystem.WhoElseMayWrite"/> says.</summary>
    public static string? WhoElseMayWrite(string path)
    {
        const string operation = "read its permissions";
        using var handle = WindowsHandle.Open(path, ReadControl, operation);
        var error = GetSecurityInfo(
            handle,
            FileObject,
            Owner | AccessList,
            out var owner,
            null,
            out var list,
            null,
            out var descriptor
        );
        if (WindowsErrors.MeansUnsupported(error))
            return null;
        if (error != 0)
            throw WindowsErrors.Of(error, path, operation);
        try
        {
            if (list == null)
                return "everybody may write to it"; // No list at all grants everything.
            if (Writer(list) is { } writer)
                return writer + " may write to it";
            return owner == null || IsTrusted(TextOf(owner)) ? null : "it belongs to " + NameOf(owner);
        }
        finally
        {
            LocalFree(descriptor);
        }
    }

    /// <summary>The first stranger to whom an access list grants a change.</summary>
    internal static string? Writer(byte* list)
    {
        // ACL: revision, padding, size, count of entries, padding. ACE: type, flags, size, mask, SID.
        const byte allowed = 0,
            denied = 1,
            allowedCallback = 9,
            inheritOnly = 8;
        var refused = new Dictionary<string, uint>(StringComparer.Ordinal);
        int size = *(ushort*)(list + 2),
            count = *(ushort*)(list + 4);
        for (var at = 8; count > 0 && at + 12 <= size; count--)
        {
            var entry = list + at;
            int length = *(ushort*)(entry + 2);
            if (length < 12)
                break;
            at += length;
            if ((entry[1] & inheritOnly) != 0 || entry[0] is not (allowed or denied or allowedCallback))
                continue;
            var (mask, sid) = (*(uint*)(entry + 4), TextOf(entry + 8));
            refused.TryGetValue(sid, out var without);
            if (entry[0] == denied)
                refused[sid] = without | mask;
            else if ((mask & ~without & Changes) != 0 && !IsTrusted(sid))
                return NameOf(entry + 8);
        }

        return null;
    }

    // The built-in administrator of any machine or domain (-500), and the administrators of domain and forest (-512,
    // -519).
    private static bool IsTrusted(string sid) =>
        Trusted.Contains(sid)
        || sid == CurrentUser.Value
        || (
            sid.StartsWith("S-1-5-21-", StringComparison.Ordinal)
            && (
                sid.EndsWith("-500", StringComparison.Ordinal)
                || sid.EndsWith("-512", StringComparison.Ordinal)
                || sid.EndsWith("-519", StringComparison.Ordinal)
            )
        );

    private static string TextOf(byte* sid)
    {
        if (!ConvertSidToStringSidW(sid, out var text))
            return "";
        try
        {
            return Marshal.PtrToStringUni(text) ?? "";
        }
        finally
        {
            LocalFree(text);
        }
    }

    private static string NameOf(byte* sid)
    {
        var (name, domain) = (new char[256], new char[256]);
        int nameLength = name.Length,
            domainLength = domain.Length;
        if (!LookupAccountSidW(null, sid, name, ref nameLength, domain, ref domainLength, out _))
            return TextOf(sid);
        return (domainLength > 0 ? new string(domain, 0, domainLength) + "\\" : "") + new string(name, 0, nameLength);
    }

    private static string? FindCurrentUser()
    {
        const uint query = 8;
        const int user = 1; // TOKEN_QUERY, TokenUser
        if (!OpenProcessToken(GetCurrentProcess(), query, out var token))
            return null;
        try
        {
            var buffer = stackalloc byte[256];
            return GetTokenInformation(token, user, buffer, 256, out _) ? TextOf(*(byte**)buffer) : null;
        }
        finally
        {
            CloseHandle(token);
        }
    }
}
