using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;

namespace HyperVBackup.Json;

/// <summary>
/// Reads what <see cref="PlainJson"/> has written. What is there replaces defaults, what is missing leaves them, what
/// is not known is passed over. It says nothing of members that
/// are null although their type forbids it: who asks must look. It makes no code at run time, so that it does the same
/// in a native program.
/// </summary>
internal sealed class PlainJsonReader
{
    /// <summary>Names as <see cref="PlainJson.ForResults"/> has them.</summary>
    public static readonly PlainJsonReader ForResults = new(new CamelCaseNamingStrategy());

    /// <summary>Names as <see cref="PlainJson.AsNamed"/> has them.</summary>
    public static readonly PlainJsonReader AsNamed = new(new DefaultNamingStrategy());

    private readonly NamingStrategy _names;

    private PlainJsonReader(NamingStrategy names) => _names = names;

    /// <summary>Reads an object.</summary>
    /// <exception cref="JsonException">A value is of another kind than its member.</exception>
    public T Read<T>(JObject json)
        where T : class => (T)ReadObject(json, typeof(T));

    private object? Read(JToken json, Type type)
    {
        var inner = Nullable.GetUnderlyingType(type);
        if (json.Type == JTokenType.Null)
            return inner != null || !type.IsValueType ? null : throw Wrong(json, type, null);
        type = inner ?? type;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return ReadList(json, type.GetGenericArguments()[0]);
        if (type.IsEnum)
            return ReadWord(json, type);
        return Type.GetTypeCode(type) == TypeCode.Object && type != typeof(Guid) && type != typeof(TimeSpan)
            ? ReadObject(json, type)
            : ReadValue(json, type);
    }

    private object ReadObject(JToken json, Type type)
    {
        if (json is not JObject values)
            throw Wrong(json, type, null);
        var maker =
            type.GetConstructors().OrderBy(one => one.GetParameters().Length).FirstOrDefault()
            ?? throw new NotSupportedException(type + " is no plain data.");
        var made = maker.Invoke(maker.GetParameters().Select(parameter => Argument(values, parameter)).ToArray());
        foreach (
            var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.CanWrite && property.GetIndexParameters().Length == 0)
        )
            if (values[_names.GetPropertyName(property.Name, false)] is { } value)
                property.SetValue(made, Read(value, property.PropertyType));
        return made;
    }

    // A record's parameters have the names of its properties.
    private object? Argument(JObject values, ParameterInfo parameter)
    {
        var name = _names.GetPropertyName(
            char.ToUpperInvariant(parameter.Name![0]) + parameter.Name.Substring(1),
            false
        );
        if (values[name] is { } value)
            return Read(value, parameter.ParameterType);
        return parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null;
    }

    private Array ReadList(JToken json, Type type)
    {
        if (json is not JArray items)
            throw Wrong(json, typeof(IList), null);
        var list = Array.CreateInstance(type, items.Count);
        for (var i = 0; i < items.Count; i++)
            list.SetValue(Read(items[i], type), i);
        return list;
    }

    private object ReadWord(JToken json, Type type)
    {
        if (json.Type == JTokenType.Integer)
            return Enum.ToObject(type, (long)json);
        var word = json.Type == JTokenType.String ? (string?)json : null;
        return Enum.Parse(
            type,
            Enum.GetNames(type).FirstOrDefault(name => _names.GetPropertyName(name, false) == word)
                ?? throw Wrong(json, type, null)
        );
    }

    private static object ReadValue(JToken json, Type type)
    {
        try
        {
            if (type == typeof(string) && json.Type != JTokenType.String)
                throw Wrong(json, type, null);
            if (type == typeof(bool) && json.Type != JTokenType.Boolean)
                throw Wrong(json, type, null);
            if (type == typeof(Guid))
                return (Guid)json;
            if (type == typeof(TimeSpan))
                return TimeSpan.FromSeconds((double)json);
            if (type == typeof(DateTime))
                return ReadTime((DateTime)json);
            return Convert.ChangeType(((JValue)json).Value!, type, System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception e)
            when (e is FormatException or InvalidCastException or OverflowException or ArgumentException)
        {
            throw Wrong(json, type, e);
        }
    }

    private static DateTime ReadTime(DateTime time) =>
        time.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : time.ToUniversalTime();

    private static JsonSerializationException Wrong(JToken json, Type type, Exception? inner) =>
        new("'" + json.Path + "' is no " + Kind(type) + ".", inner!);

    private static string Kind(Type type) =>
        type.IsEnum ? "word that is known"
        : type == typeof(string) ? "text"
        : type == typeof(bool) ? "true or false"
        : type == typeof(IList) ? "list"
        : type == typeof(Guid) ? "id"
        : type == typeof(DateTime) ? "time"
        : Type.GetTypeCode(type) == TypeCode.Object && type != typeof(TimeSpan) ? "object"
        : "number in its range";
}
