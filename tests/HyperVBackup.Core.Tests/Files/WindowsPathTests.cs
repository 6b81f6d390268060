using System;
using HyperVBackup.Failures;
using HyperVBackup.Files.Windows;
using Xunit;

namespace HyperVBackup.Tests.Files;

public class WindowsPathTests : WindowsTest
{
    [Theory]
    [InlineData(@"C:\vm\disk.vhdx", @"\\?\C:\vm\disk.vhdx")]
    [InlineData(@"C:\vm/disk.vhdx", @"\\?\C:\vm\disk.vhdx")]
    [InlineData(@"C:\", @"\\?\C:\")]
    [InlineData(@"C:", @"\\?\C:\")]
    [InlineData(@"C:\name with dot.", @"\\?\C:\name with dot.")]
    [InlineData(@"C:\a...\b ", @"\\?\C:\a...\b ")]
    [InlineData(@"\\nas\backup\vm", @"\\?\UNC\nas\backup\vm")]
    [InlineData(@"\\nas\backup", @"\\?\UNC\nas\backup\")]
    [InlineData(@"\\?\C:\vm", @"\\?\C:\vm")]
    [InlineData(@"\\?\UNC\nas\backup\vm", @"\\?\UNC\nas\backup\vm")]
    [InlineData(
        @"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy7",
        @"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy7\"
    )]
    [InlineData(
        @"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy7\vm",
        @"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy7\vm"
    )]
    [InlineData(
        @"\\?\Volume{4c1b02c1-d990-11dc-99ae-806e6f6e6963}",
        @"\\?\Volume{4c1b02c1-d990-11dc-99ae-806e6f6e6963}\"
    )]
    public void Windows_gets_every_path_as_it_is(string path, string native) =>
        Assert.Equal(native, WindowsPath.ToNative(path, "test"));

    [Theory]
    [InlineData(@"C:\vm\a:b")]
    [InlineData(@"C:\vm\disk.vhdx:stream")]
    [InlineData(@"C:\vm\..\Windows")]
    [InlineData(@"C:\vm\.\disk")]
    [InlineData(@"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy7\..\x")]
    public void A_name_that_Windows_would_take_for_something_else_is_refused(string path) =>
        Fails(FailureKind.NotSupported, () => WindowsPath.ToNative(path, "test"));

    [Theory]
    [InlineData("disk.vhdx")]
    [InlineData(@"\vm")]
    [InlineData(@"C:disk.vhdx")]
    public void A_relative_path_is_a_mistake_of_the_caller(string path) =>
        Assert.Throws<ArgumentException>(() => WindowsPath.ToNative(path, "test"));

    [Theory]
    [InlineData(@"\\?\C:\vm", @"C:\vm")]
    [InlineData(@"\\?\UNC\nas\backup\", @"\\nas\backup\")]
    [InlineData(
        @"\\?\Volume{4c1b02c1-d990-11dc-99ae-806e6f6e6963}\",
        @"\\?\Volume{4c1b02c1-d990-11dc-99ae-806e6f6e6963}\"
    )]
    public void People_see_paths_as_they_write_them(string native, string shown) =>
        Assert.Equal(shown, WindowsPath.ToDisplay(native));
}
