using HyperVBackup.Failures;

namespace HyperVBackup.Runs.Preparing;

/// <summary>Why a run of a plan cannot begin to copy.</summary>
/// <param name="Property">The property of the plan that it belongs to: <c>jobs[1].targets[0]</c>.</param>
/// <param name="Failure">The failure that the run ends with, if it is the first.</param>
internal sealed record PreparedProblem(string Property, Failure Failure);
