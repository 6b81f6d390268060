using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Vss;
using Xunit;

namespace HyperVBackup.Tests.Vss;

public class AlphaVssErrorsTests
{
    private static readonly ModuleBuilder Module = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("Exceptions"), AssemblyBuilderAccess.Run)
        .DefineDynamicModule("Exceptions");
    private static readonly Dictionary<string, Type> Types = new();

    /// <summary>Exceptions as AlphaVSS throws them, with the code each was made of.</summary>
    internal static IEnumerable<(Exception Exception, int Code)> Exceptions()
    {
        foreach (var (name, code) in AlphaVssErrors.Codes)
            yield return (OfAlphaVss(name), code);
        yield return (new COMException("no type for it", VssHResult.NestedVolumeLimit), VssHResult.NestedVolumeLimit);
        yield return (new COMException("disabled", VssHResult.ServiceDisabled), VssHResult.ServiceDisabled);
        yield return (new UnauthorizedAccessException(), VssHResult.AccessDenied);
        yield return (new ArgumentException("x"), VssHResult.InvalidArgument);
        yield return (new OutOfMemoryException(), VssHResult.OutOfMemory);
        yield return (new NotImplementedException(), unchecked((int)0x80004001));
        yield return (new OperationCanceledException(), VssHResult.AsyncCancelled);
    }

    // Error.cpp of AlphaVSS 2.0.3 and vsserror.h.
    [Theory]
    [InlineData("VssSnapshotSetInProgressException", 0x80042316)]
    [InlineData("VssFlushWritesTimeoutException", 0x80042313)]
    [InlineData("VssHoldWritesTimeoutException", 0x80042314)]
    [InlineData("VssProviderVetoException", 0x80042306)]
    [InlineData("VssTimeoutWriterException", 0x800423F2)]
    [InlineData("VssRetryableWriterException", 0x800423F3)]
    [InlineData("VssOutOfResourcesWriterException", 0x800423F1)]
    [InlineData("VssNonRetryableWriterException", 0x800423F4)]
    [InlineData("VssInconsistentSnapshotWriterException", 0x800423F0)]
    [InlineData("VssPartialFailureWriterException", 0x80042336)]
    [InlineData("VssBadStateException", 0x80042301)]
    [InlineData("VssVolumeNotSupportedException", 0x8004230C)]
    [InlineData("VssInsufficientStorageException", 0x8004231F)]
    [InlineData("VssMaximumNumberOfSnapshotsReachedException", 0x80042317)]
    [InlineData("VssObjectNotFoundException", 0x80042308)]
    [InlineData("VssUnexpectedErrorException", 0x80042302)]
    public void A_type_of_exception_is_the_code_it_stands_for(string type, uint code)
    {
        var failure = AlphaVssErrors.Translate("DoSnapshotSet", OfAlphaVss(type));
        Assert.Equal(unchecked((int)code), failure.HResult);
        Assert.Equal("DoSnapshotSet", failure.Failure.Operation);
    }

    [Fact]
    public void Every_exception_has_a_code_that_our_table_knows_or_shows_by_number()
    {
        foreach (var (exception, code) in Exceptions())
        {
            var failure = AlphaVssErrors.Translate("Call", exception);
            Assert.Equal(code, failure.HResult);
            Assert.Contains(VssHResult.Of(code).Text, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_code_stands_for_two_exceptions() =>
        Assert.Equal(AlphaVssErrors.Codes.Count, AlphaVssErrors.Codes.Values.Distinct().Count());

    [Fact]
    public void What_deleting_a_set_wraps_is_what_counts()
    {
        var wrapped = OfAlphaVss("VssDeleteSnapshotsFailedException", OfAlphaVss("VssObjectNotFoundException"));
        Assert.Equal(VssHResult.ObjectNotFound, AlphaVssErrors.Translate("DeleteSnapshotSet", wrapped).HResult);
        var bare = OfAlphaVss("VssDeleteSnapshotsFailedException", new COMException("", VssHResult.ProviderVeto));
        Assert.Equal(VssHResult.ProviderVeto, AlphaVssErrors.Translate("DeleteSnapshotSet", bare).HResult);
    }

    [Fact]
    public void A_namesake_from_elsewhere_is_not_taken_for_AlphaVSSs() =>
        Assert.NotEqual(VssHResult.BadState, AlphaVssErrors.Translate("Call", new VssBadStateException()).HResult);

    [Fact]
    public void A_cancelled_operation_of_VSS_does_not_look_like_a_cancelled_run() =>
        Assert.Equal(
            FailureKind.ShadowFailed,
            AlphaVssErrors.Translate("Call", new OperationCanceledException()).Failure.Kind
        );

    private static Exception OfAlphaVss(string name, Exception? inner = null)
    {
        lock (Types)
        {
            if (!Types.TryGetValue(name, out var type))
            {
                var builder = Module.DefineType(
                    "Alphaleonis.Win32.Vss." + name,
                    TypeAttributes.Public,
                    typeof(Exception)
                );
                var constructor = builder.DefineConstructor(
                    MethodAttributes.Public,
                    CallingConventions.Standard,
                    new[] { typeof(string), typeof(Exception) }
                );
                var il = constructor.GetILGenerator();
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Ldarg_2);
                il.Emit(OpCodes.Call, typeof(Exception).GetConstructor(new[] { typeof(string), typeof(Exception) })!);
                il.Emit(OpCodes.Ret);
                Types[name] = type = builder.CreateType();
            }

            return (Exception)Activator.CreateInstance(type, "words of AlphaVSS", inner)!;
        }
    }

    private sealed class VssBadStateException : Exception { }
}
