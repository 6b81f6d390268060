using System;
using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Tests.Vss.Fakes;

/// <summary>The facts of a host, as a test wishes them: by default a 64-bit Windows Server, elevated.</summary>
internal sealed record FakeHostFacts : IHostFacts
{
    public bool IsWindows { get; init; } = true;

    public bool IsArm64 { get; init; }

    public bool IsArm64Process { get; init; }

    public bool Is64BitSystem { get; init; } = true;

    public bool Is64BitProcess { get; init; } = true;

    public bool IsElevated { get; init; } = true;

    public bool IsClientWindows { get; init; }

    public int? ServiceStart { get; init; } = 3;
}

/// <summary>A volume of the fake host.</summary>
/// <param name="Name">Its GUID path.</param>
/// <param name="MountPoints">Where it is mounted. If shadow copies are to be real folders, the first is a real
/// folder.</param>
/// <param name="IsSupported">Whether it can be frozen.</param>
internal sealed record FakeVolume(string Name, IReadOnlyList<string> MountPoints, bool IsSupported = true)
{
    public static FakeVolume At(params string[] mountPoints) =>
        new(@"\\?\Volume{" + Guid.NewGuid() + @"}\", mountPoints);
}

/// <summary>A virtual machine of the fake host.</summary>
internal sealed record FakeMachine
{
    public Guid Id { get; init; } = Guid.NewGuid();

    public required string Name { get; init; }

    /// <summary>Before the name in the caption.</summary>
    public string Caption { get; init; } = "Online";

    public required IReadOnlyList<WriterFile> Files { get; init; }

    /// <summary>
    /// If set, capturing this machine fails with it, and with it the writer, whenever it is selected.
    /// </summary>
    public int? Failure { get; init; }

    public static FakeMachine At(string name, params string[] folders) =>
        new() { Name = name, Files = Array.ConvertAll(folders, folder => new WriterFile(folder, "*", true)) };
}

/// <summary>A native call that fails.</summary>
/// <param name="Call">Which.</param>
/// <param name="HResult">With what.</param>
/// <param name="From">From its nth time on, counted from 1 over all instances.</param>
/// <param name="To">To its nth time.</param>
/// <param name="IsBare">Whether it arrives as a bare COMException.</param>
/// <param name="TakesEffect">Whether it does what it should, and fails all the same.</param>
internal sealed record FakeFault(
    string Call,
    int HResult,
    int From = 1,
    int To = int.MaxValue,
    bool IsBare = false,
    bool TakesEffect = false
);

/// <summary>A writer that fails after a phase.</summary>
internal sealed record FakeWriterFault(string Phase, int HResult)
{
    public Guid WriterId { get; init; } = HyperVWriter.ClassId;

    /// <summary>How often, counted in status requests after that phase.</summary>
    public int Times { get; set; } = int.MaxValue;

    public int? ApplicationCode { get; init; }

    public string? Message { get; init; }

    public WriterState State { get; init; } = WriterState.FailedAtFreeze;
}

/// <summary>A shadow copy of the fake host.</summary>
internal sealed record FakeShadow
{
    public required Guid Id { get; init; }

    public required Guid SetId { get; init; }

    public required FakeVolume Volume { get; init; }

    public required string DeviceObject { get; init; }

    public required bool IsPersistent { get; init; }

    public DateTime Created { get; init; } = new(2025, 3, 1, 22, 0, 1, DateTimeKind.Utc);

    /// <summary>Whether it was there before the test.</summary>
    public bool IsForeign { get; init; }

    public string? ExposedName { get; set; }

    public bool IsShared { get; set; }
}
