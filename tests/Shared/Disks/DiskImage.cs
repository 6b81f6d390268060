using System;
using System.IO;
using System.Linq;
using System.Text;
using HyperVBackup.Disks;
using Xunit;

namespace HyperVBackup.Tests.Disks;

/// <summary>The bytes of a virtual disk's file under construction, and what is asserted of its check.</summary>
internal abstract class DiskImage
{
    protected DiskImage(int length, string name)
    {
        Bytes = new byte[length];
        Name = name;
    }

    public byte[] Bytes { get; set; }

    public string Name { get; set; }

    public DiskReport Check() =>
        DiskChecker.Check(
            new StreamSource(new MemoryStream(Bytes, false)),
            Name,
            TestContext.Current.CancellationToken
        );

    public void Put(long at, byte[] data) => Buffer.BlockCopy(data, 0, Bytes, (int)at, data.Length);

    public void Put(long at, string ascii) => Put(at, Encoding.ASCII.GetBytes(ascii));

    public void PutLittle(long at, ulong value, int size)
    {
        for (var i = 0; i < size; i++)
            Bytes[at + i] = (byte)(value >> (8 * i));
    }

    public void PutBig(long at, ulong value, int size)
    {
        for (var i = 0; i < size; i++)
            Bytes[at + i] = (byte)(value >> (8 * (size - 1 - i)));
    }

    /// <summary>Cuts the file, or appends zeroes.</summary>
    public void Resize(int length)
    {
        var bytes = Bytes;
        Array.Resize(ref bytes, length);
        Bytes = bytes;
    }

    /// <summary>Nothing is wrong.</summary>
    public DiskReport AssertIntact()
    {
        var report = Check();
        Assert.Empty(report.Damages);
        Assert.True(report.IsIntact && report.IsUsable);
        return report;
    }

    /// <summary>Exactly one thing is wrong: this, in these bytes.</summary>
    public DiskReport AssertDamage(string what, long offset, long length, bool hasIntactCopy = false)
    {
        var report = Check();
        var damage = Assert.Single(report.Damages);
        Assert.Contains(what, damage.What, StringComparison.Ordinal);
        Assert.Equal((offset, length), (damage.Offset, damage.Length));
        Assert.Equal(hasIntactCopy, damage.HasIntactCopy);
        Assert.Equal(hasIntactCopy, report.IsUsable);
        Assert.NotEmpty(damage.Section);
        return report;
    }

    /// <summary>Among the damages is this one, in these bytes.</summary>
    public DiskReport AssertAmongDamages(string what, long offset, long length)
    {
        var report = Check();
        Assert.Contains(
            report.Damages,
            damage =>
                damage.What.Contains(what, StringComparison.Ordinal)
                && damage.Offset == offset
                && damage.Length == length
        );
        Assert.False(report.IsUsable);
        return report;
    }

    /// <summary>Nothing is wrong, but this is worth knowing.</summary>
    public DiskReport AssertNote(string note)
    {
        var report = AssertIntact();
        Assert.True(
            report.Notes.Any(found => found.Contains(note, StringComparison.Ordinal)),
            string.Join("; ", report.Notes)
        );
        return report;
    }
}
