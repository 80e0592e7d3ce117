package dev.remora;

/** The answer to a request for a back end: a lease, or a refusal with its reason. */
public sealed interface Pick permits Lease, Refusal {}
