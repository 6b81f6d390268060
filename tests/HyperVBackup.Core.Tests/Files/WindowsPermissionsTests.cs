using System.Runtime.InteropServices;
using HyperVBackup.Files.Windows;
using Xunit;

namespace HyperVBackup.Tests.Files;

/// <summary>Access lists, made of their text form (SDDL) and read as Windows lays them out.</summary>
public class WindowsPermissionsTests : WindowsTest
{
    [Theory]
    [InlineData("D:P(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)", false)]
    [InlineData("D:P(A;;FA;;;BA)(A;;FRFX;;;BU)", false)] // others read
    [InlineData("D:P(A;;FA;;;BA)(A;OICIIO;FA;;;CO)", false)]
    [InlineData("D:P(A;;FA;;;BA)(A;OICIIO;FA;;;BU)", false)] // not for this folder
    [InlineData("D:P(A;;FA;;;BA)(A;;FW;;;BU)", true)]
    [InlineData("D:P(A;;FA;;;BA)(A;;0x4;;;AU)", true)] // add folders
    [InlineData("D:P(A;;FA;;;BA)(A;;WD;;;WD)", true)] // change the permissions
    [InlineData("D:P(A;;GA;;;WD)", true)]
    [InlineData("D:P(D;;FA;;;BU)(A;;FA;;;BA)(A;;FA;;;BU)", false)] // refused before it is granted
    [InlineData("D:P(D;;FR;;;BU)(A;;FA;;;BA)(A;;FA;;;BU)", true)]
    public void A_grant_to_change_is_found_and_a_grant_to_read_is_none(string sddl, bool found) =>
        Assert.Equal(found, Writer(sddl) != null);

    [Fact]
    public void Who_it_is_is_named() =>
        Assert.Contains("Everyone", Writer("D:P(A;;FA;;;WD)")!, System.StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void A_private_folder_is_nobody_elses_to_change()
    {
        var folder = Temp["private"];
        Files.CreateFolder(folder, true);
        Write(folder + "\\file", Content(10));
        Assert.Null(Files.WhoElseMayWrite(folder));
        Assert.Null(Files.WhoElseMayWrite(folder + "\\file"));
    }

    private static unsafe string? Writer(string sddl)
    {
        Assert.True(
            WindowsNative.ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, 1, out var descriptor, out _),
            sddl
        );
        try
        {
            Assert.True(GetSecurityDescriptorDacl(descriptor, out _, out var list, out _));
            return WindowsPermissions.Writer(list);
        }
        finally
        {
            WindowsNative.LocalFree(descriptor);
        }
    }

    [DllImport("advapi32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern unsafe bool GetSecurityDescriptorDacl(
        System.IntPtr descriptor,
        [MarshalAs(UnmanagedType.Bool)] out bool isPresent,
        out byte* list,
        [MarshalAs(UnmanagedType.Bool)] out bool isDefaulted
    );
}
