using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;

namespace HyperVBackup.Json;

/// <summary>
/// Plain data (numbers, texts, times, lists, and objects with properties of these) as JSON, property by property.
/// Json.NET's own serializer makes code for every
/// property at run time, which is a good part of the time of a run that finds nothing changed.
/// </summary>
internal sealed class PlainJson
{
    /// <summary>camelCase, enumerations as words, durations in seconds: for people and their programs.</summary>
    public static readonly PlainJson ForResults = new(new CamelCaseNamingStrategy());

    /// <summary>Names as they are in the code, as Json.NET's serializer has them.</summary>
    public static readonly PlainJson AsNamed = new(new DefaultNamingStrategy());

    private readonly NamingStrategy _names;
    private readonly Dictionary<Type, Member[]> _members = new();

    private PlainJson(NamingStrategy names) => _names = names;

    /// <summary>The JSON of a value.</summary>
    /// <exception cref="NotSupportedException">It is no plain data.</exception>
    public JToken ToToken(object? value) =>
        value switch
        {
            null => JValue.CreateNull(),
            string text => new JValue(text),
            bool or byte or short or ushort or int or uint or long or ulong or float or double or decimal or Guid =>
                new JValue(value),
            DateTime time => new JValue(
                time.Kind == DateTimeKind.Unspecified
                    ? DateTime.SpecifyKind(time, DateTimeKind.Utc)
                    : time.ToUniversalTime()
            ),
            TimeSpan span => new JValue(Math.Round(span.TotalSeconds, 3)),
            Enum word => Word(word),
            IDictionary or Delegate or Exception => throw new NotSupportedException(
                value.GetType() + " is no plain data."
            ),
            IEnumerable many => new JArray(many.Cast<object?>().Select(ToToken)),
            _ => new JObject(
                MembersOf(value.GetType())
                    .Select(member => new JProperty(member.Name, ToToken(member.Property.GetValue(value))))
            ),
        };

    // A value without a name is its number.
    private JValue Word(Enum value) =>
        Enum.IsDefined(value.GetType(), value)
            ? new JValue(_names.GetPropertyName(value.ToString(), false))
            : new JValue(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));

    private Member[] MembersOf(Type type)
    {
        lock (_members)
        {
            if (_members.TryGetValue(type, out var known))
                return known;
            return _members[type] = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.CanRead && property.GetIndexParameters().Length == 0)
                .Select(property => new Member(_names.GetPropertyName(property.Name, false), property))
                .ToArray();
        }
    }

    private sealed class Member
    {
        public Member(string name, PropertyInfo property)
        {
            Name = name;
            Property = property;
        }

        public string Name { get; }

        public PropertyInfo Property { get; }
    }
}
