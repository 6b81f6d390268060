using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using HyperVBackup.Plans;
using HyperVBackup.Shadows;

namespace HyperVBackup.Cli.Demo;

/// <summary>
/// A Hyper-V host small enough for a temporary folder: C with the configuration of its virtual machines, D with their
/// system disks, E with a data disk.
/// </summary>
internal sealed class MiniatureHost
{
    private const long MiB = 1024 * 1024;
    private readonly string _root;

    public MiniatureHost(string root)
    {
        _root = root;
        C = Path.Combine(root, "C");
        D = Path.Combine(root, "D");
        E = Path.Combine(root, "E");
        Configuration = Path.Combine(C, "ProgramData", "Microsoft", "Windows", "Hyper-V");
        SystemDisks = Path.Combine(D, "SystemVHD");
        DataDisks = Path.Combine(E, "DataVHD");
    }

    public string C { get; }

    public string D { get; }

    public string E { get; }

    /// <summary>The configuration of the virtual machines, on C.</summary>
    public string Configuration { get; }

    /// <summary>The system disks, on D.</summary>
    public string SystemDisks { get; }

    /// <summary>The data disk, on E.</summary>
    public string DataDisks { get; }

    /// <summary>Copies go crosswise: whichever one disk dies, the others hold everything.</summary>
    public BackupPlan Plan(string provider) =>
        new()
        {
            Name = "demo",
            Jobs =
            [
                new BackupJob
                {
                    Source = Configuration,
                    Folder = "CFG",
                    Include = ["*.vmcx", "*.vmrs", "*.vmgs", "*.xml"],
                    Targets = [D, E],
                },
                new BackupJob
                {
                    Source = SystemDisks,
                    Folder = "VHD",
                    Targets = [E],
                },
                new BackupJob
                {
                    Source = DataDisks,
                    Folder = "VHD",
                    Targets = [D],
                },
            ],
            Shadow = new ShadowOptions { Provider = provider },
        };

    /// <summary>Sets the host up.</summary>
    public void Build(CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.Combine(Configuration, "Virtual Machines"));
        Directory.CreateDirectory(Path.Combine(Configuration, "Snapshots"));
        Directory.CreateDirectory(SystemDisks);
        Directory.CreateDirectory(DataDisks);
        AddMachine("web", 1);
        AddMachine("db", 2);
        AddMachine("test", 3);
        File.WriteAllText(
            Path.Combine(Configuration, "Virtual Machines", "notes.txt"),
            "No configuration: the plan leaves it out.\n"
        );
        DiskImage.Create(Path.Combine(SystemDisks, "web.vhd"), 128 * MiB, 11, cancel);
        DiskImage.Create(Path.Combine(SystemDisks, "db.vhd"), 64 * MiB, 12, cancel);
        DiskImage.Create(Path.Combine(DataDisks, "db-data.vhd"), 192 * MiB, 13, cancel);
    }

    /// <summary>A day passes: guests write into their disks, machines are changed, removed and made.</summary>
    public void LiveOn(int day)
    {
        DiskImage.Change(Path.Combine(SystemDisks, "web.vhd"), 12, 16 * 1024, 100 + day);
        DiskImage.Change(Path.Combine(DataDisks, "db-data.vhd"), 3, (int)MiB / 2, 200 + day);
        File.AppendAllText(Configured(1, "xml"), "<!-- changed on day " + day + " -->\n");
        if (day == 1)
            foreach (var file in Directory.GetFiles(Path.Combine(Configuration, "Virtual Machines"), Id(3) + ".*"))
                File.Delete(file);
        else
            AddMachine("mail", 3 + day);
    }

    /// <summary>The folder that a folder of ours is called by in the story.</summary>
    public string Short(string path) => Path.GetRelativePath(_root, path);

    /// <summary>Files below a folder and their bytes.</summary>
    public static (int Files, long Bytes) Count(string folder)
    {
        var files = new DirectoryInfo(folder).GetFiles("*", SearchOption.AllDirectories);
        return (files.Length, files.Sum(file => file.Length));
    }

    private static string Id(int number) =>
        new Guid(number, 0x4856, 0x4d31, [0x80, 0, 0, 0, 0, 0, 0, (byte)number]).ToString("D").ToUpperInvariant();

    private string Configured(int number, string extension) =>
        Path.Combine(Configuration, "Virtual Machines", Id(number) + "." + extension);

    // Not Microsoft's formats: for a backup they are files that change.
    private void AddMachine(string name, int number)
    {
        var random = new Random(number);
        File.WriteAllText(
            Configured(number, "xml"),
            "<?xml version=\"1.0\"?>\n<configuration><properties><name>"
                + name
                + "</name></properties></configuration>\n"
        );
        foreach (var (extension, size) in new[] { ("vmcx", 48 * 1024), ("vmrs", 40 * 1024), ("vmgs", 4 * 1024) })
        {
            var content = new byte[size];
            random.NextBytes(content);
            Encoding.ASCII.GetBytes(name).CopyTo(content, 0);
            File.WriteAllBytes(Configured(number, extension), content);
        }
    }
}
