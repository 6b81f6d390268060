namespace HyperVBackup.Bench.Works;

/// <summary>One kind of work, and how it is measured.</summary>
internal interface IWork
{
    /// <summary>Its name for <c>--only</c>.</summary>
    string Name { get; }

    /// <summary>Bytes it needs on the disk besides the test data and the sets.</summary>
    long Room(BenchOptions options);

    /// <summary>Measures it.</summary>
    void Measure(Stage stage);
}
