using System;
using System.Collections.Generic;
using System.Reflection;

namespace HyperVBackup.Tests.Vss;

/// <summary>
/// An implementation of any interface that records the calls and answers as told. By reflection, so that it implements
/// AlphaVSS's own, larger interfaces as well as the signatures.
/// </summary>
public class Fake<T> : DispatchProxy
    where T : class
{
    private readonly Dictionary<string, Func<object?[], object?>> _answers = new();

    /// <summary>The calls: the member's name ("get_" before a property's) and its arguments.</summary>
    public List<(string Member, object?[] Arguments)> Calls { get; } = new();

    /// <summary>Called before each call.</summary>
    public Action<string>? Before { get; set; }

    public T Object => (T)(object)this;

    public static Fake<T> New() => (Fake<T>)(object)DispatchProxy.Create<T, Fake<T>>();

    public Fake<T> Answer(string member, object? answer) => Answer(member, _ => answer);

    public Fake<T> Answer(string member, Func<object?[], object?> answer)
    {
        _answers[member] = answer;
        return this;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Calls.Add((targetMethod!.Name, args ?? Array.Empty<object?>()));
        Before?.Invoke(targetMethod.Name);
        if (_answers.TryGetValue(targetMethod.Name, out var answer))
            return answer(args ?? Array.Empty<object?>());
        return targetMethod.ReturnType.IsValueType && targetMethod.ReturnType != typeof(void)
            ? Activator.CreateInstance(targetMethod.ReturnType)
            : null;
    }
}
