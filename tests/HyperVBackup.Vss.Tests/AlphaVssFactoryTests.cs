using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.Loader;
using Alphaleonis.Win32.Vss;
using HyperVBackup.Failures;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Shadows.Vss.Requester;
using HyperVBackup.Vss;
using Xunit;

namespace HyperVBackup.Tests.Vss;

public class AlphaVssFactoryTests
{
    private static readonly Func<IVssApi> NoInstances = () =>
        throw new InvalidOperationException("no instance was asked for");
    private readonly List<string> _done = new();

    [Fact]
    public void On_a_host_that_will_do_the_native_part_is_loaded_once_and_COM_secured_before_the_first_instance()
    {
        AlphaVssFactory.ForgetComSecurity();
        var native = Fake<IVssBackupComponents>.New();
        var factory = Factory(
            new Facts(),
            () =>
                () =>
                {
                    _done.Add("create");
                    return new AlphaVssApi(native.Object);
                }
        );

        Assert.Null(factory.WhyNot());
        using (factory.Create(null))
        using (factory.Create(null))
            Assert.Equal(new[] { "load", "secure", "create", "create" }, _done);
    }

    [Fact]
    public void COM_security_that_fails_is_tried_again_with_the_next_instance()
    {
        AlphaVssFactory.ForgetComSecurity();
        var times = 0;
        var factory = new AlphaVssFactory(
            new Facts(),
            () => () => new AlphaVssApi(Fake<IVssBackupComponents>.New().Object),
            () => ComSecurity.Judge(times++ == 0 ? VssHResult.AccessDenied : 0, 0)
        );
        Assert.Equal("CoInitializeSecurity", Assert.Throws<VssCallException>(() => factory.Create(null)).Call);
        factory.Create(null).Dispose();
        factory.Create(null).Dispose();
        Assert.Equal(2, times);
    }

    [Fact]
    public void On_a_host_that_will_not_do_nothing_is_loaded()
    {
        foreach (
            var facts in new[]
            {
                new Facts { IsWindows = false },
                new Facts { IsArm64 = true },
                new Facts { Is64BitProcess = false },
                new Facts { IsElevated = false },
                new Facts { ServiceStart = 4 },
            }
        )
        {
            var factory = Factory(facts, () => NoInstances);
            Assert.NotNull(factory.WhyNot());
            Assert.Equal(
                factory.WhyNot()!.Kind,
                Assert.Throws<BackupException>(() => factory.Create(null)).Failure.Kind
            );
        }

        Assert.Empty(_done);
    }

    [Fact]
    public void A_native_part_that_cannot_be_loaded_names_the_runtime_it_needs()
    {
        foreach (
            var exception in new Exception[]
            {
                new FileNotFoundException("The specified module could not be found.", @"C:\module\AlphaVSS.x64.dll"),
                new BadImageFormatException("bad"),
                new FileLoadException("A dynamic link library (DLL) initialization routine failed."),
                new DllNotFoundException("vcruntime140.dll"),
            }
        )
        {
            var failure = Factory(new Facts(), () => throw exception).WhyNot();
            Assert.NotNull(failure);
            Assert.Equal(FailureKind.ProviderUnavailable, failure.Kind);
            Assert.Contains("Visual C++", failure.Cause, StringComparison.Ordinal);
            Assert.Contains("Redistributable", failure.Advice, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_native_part_that_is_missing_is_not_taken_for_a_missing_runtime()
    {
        var folder = Directory.CreateTempSubdirectory("hvbackup-vss-").FullName;
        var failure = Factory(
                new Facts(),
                () =>
                {
                    new ModuleFolderResolver(folder).LoadAssembly(new AssemblyName("AlphaVSS.x64"));
                    return NoInstances;
                }
            )
            .WhyNot();
        Directory.Delete(folder);
        Assert.NotNull(failure);
        Assert.Equal(Path.Combine(folder, "AlphaVSS.x64.dll"), failure.Target);
        Assert.Contains("missing", failure.Cause, StringComparison.Ordinal);
        Assert.DoesNotContain("Visual C++", failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_without_AlphaVSS_says_so()
    {
        var failure = Factory(
                new Facts(),
                () => throw new FileNotFoundException("no", "AlphaVSS.Common, Version=2.0.3.0")
            )
            .WhyNot();
        Assert.Equal("AlphaVSS.Common.dll", failure!.Target);
    }

    [Fact]
    public void A_load_that_failed_is_tried_again()
    {
        var times = 0;
        var factory = Factory(new Facts(), () => times++ == 0 ? throw new BadImageFormatException() : NoInstances);
        Assert.NotNull(factory.WhyNot());
        Assert.Null(factory.WhyNot());
        Assert.Null(factory.WhyNot());
        Assert.Equal(2, times);
    }

    [Theory]
    [InlineData("AlphaVSS.x64", "AlphaVSS.x64.dll")]
    [InlineData("AlphaVSS.x64", "runtimes/win-x64/native/AlphaVSS.x64.dll")]
    [InlineData("AlphaVSS.x86", "runtimes/win-x86/native/AlphaVSS.x86.dll")]
    public void The_native_part_is_loaded_from_the_modules_own_folder(string name, string file)
    {
        var folder = Directory.CreateTempSubdirectory("hvbackup-vss-").FullName;
        try
        {
            var path = Path.Combine(folder, file.Replace('/', Path.DirectorySeparatorChar));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "");
            string? loaded = null;
            var resolver = new ModuleFolderResolver(
                folder,
                one =>
                {
                    loaded = one;
                    return typeof(AlphaVssFactoryTests).Assembly;
                }
            );
            Assert.Same(
                typeof(AlphaVssFactoryTests).Assembly,
                resolver.LoadAssembly(new AssemblyName(name + ", Version=2.0.3.0, Culture=neutral"))
            );
            Assert.Equal(path, loaded);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_native_part_comes_into_the_load_context_of_the_adapter()
    {
        var context = new Strange(forbidden: "");
        var adapter = context.LoadFromAssemblyPath(typeof(AlphaVssFactory).Assembly.Location);
        var resolver = adapter.GetType("HyperVBackup.Vss.ModuleFolderResolver")!;
        var folder = Directory.CreateTempSubdirectory("hvbackup-vss-").FullName;
        try
        {
            // Any assembly will do in the place of the native one, which only Windows can load.
            File.Copy(
                typeof(Newtonsoft.Json.JsonConvert).Assembly.Location,
                Path.Combine(folder, "Newtonsoft.Json.dll")
            );
            var instance = Activator.CreateInstance(resolver, folder)!;
            var loaded = (Assembly)
                resolver
                    .GetMethod("LoadAssembly")!
                    .Invoke(instance, new object[] { new AssemblyName("Newtonsoft.Json") })!;
            Assert.Same(context, AssemblyLoadContext.GetLoadContext(loaded));
        }
        finally
        {
            // Windows does not let go of a file that was loaded.
            if (!OperatingSystem.IsWindows())
                Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Off_Windows_no_type_of_AlphaVSS_is_ever_loaded()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows AlphaVSS is loaded.");
        var context = new Strange(forbidden: "AlphaVSS.Common");
        var adapter = context.LoadFromAssemblyPath(typeof(AlphaVssFactory).Assembly.Location);
        var factory = (IVssApiFactory)Activator.CreateInstance(adapter.GetType("HyperVBackup.Vss.AlphaVssFactory")!)!;
        Assert.Equal(FailureKind.ProviderUnavailable, factory.WhyNot()!.Kind);
        Assert.Contains(
            "Windows only",
            Assert.Throws<BackupException>(() => factory.Create(null)).Message,
            StringComparison.Ordinal
        );
        Assert.Empty(context.Refused);

        // That it would have been noticed:
        var thrown = Assert.Throws<FileNotFoundException>(() =>
            adapter.GetType("HyperVBackup.Vss.AlphaVssLoader")!.GetMethod("Load", Type.EmptyTypes)
        );
        Assert.Equal("AlphaVSS.Common", Assert.Single(context.Refused));
        Assert.Contains("AlphaVSS.Common", thrown.FileName, StringComparison.Ordinal);
    }

    [Fact]
    public void Core_finds_the_factory_by_its_name()
    {
        var factory = VssProviderLoader.LoadFactory(Path.GetDirectoryName(typeof(AlphaVssFactory).Assembly.Location)!);
        Assert.Equal(VssProviderLoader.FactoryType, factory.GetType().FullName);
    }

    [Fact]
    public void Core_says_where_it_looked_when_the_part_is_missing()
    {
        var folder = Directory.CreateTempSubdirectory("hvbackup-vss-").FullName;
        try
        {
            var failure = Assert.Throws<BackupException>(() => VssProviderLoader.LoadFactory(folder)).Failure;
            Assert.Equal(FailureKind.ProviderUnavailable, failure.Kind);
            Assert.Contains(Path.Combine(folder, "vss"), failure.Cause, StringComparison.Ordinal);

            File.WriteAllText(Path.Combine(folder, VssProviderLoader.AssemblyFile), "no assembly");
            Assert.Equal(
                FailureKind.ProviderUnavailable,
                Assert.Throws<BackupException>(() => VssProviderLoader.LoadFactory(folder)).Failure.Kind
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void An_instance_that_cannot_be_made_names_the_native_call()
    {
        var factory = Fake<IVssFactory>
            .New()
            .Answer("CreateVssBackupComponents", _ => throw new UnauthorizedAccessException());
        var thrown = Assert.Throws<VssCallException>(() => AlphaVssLoader.Load(factory.Object)());
        Assert.Equal(("CreateVssBackupComponents", FailureKind.NotElevated), (thrown.Call, thrown.Failure.Kind));

        var native = Fake<IVssBackupComponents>.New();
        factory.Answer("CreateVssBackupComponents", native.Object);
        AlphaVssLoader.Load(factory.Object)().Dispose();
        Assert.Equal("Dispose", native.Calls[0].Member);
    }

    private AlphaVssFactory Factory(IHostFacts facts, Func<Func<IVssApi>> load) =>
        new(
            facts,
            () =>
            {
                _done.Add("load");
                return load();
            },
            () => _done.Add("secure")
        );

    private sealed record Facts : IHostFacts
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

    /// <summary>A load context of its own for the adapter, sharing the rest, that refuses one assembly.</summary>
    private sealed class Strange : AssemblyLoadContext
    {
        private readonly string _forbidden;

        public Strange(string forbidden) => _forbidden = forbidden;

        public List<string> Refused { get; } = new();

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            if (assemblyName.Name != _forbidden)
                return null;
            Refused.Add(assemblyName.Name);
            throw new FileNotFoundException("This assembly must not be loaded.", assemblyName.Name);
        }
    }
}
