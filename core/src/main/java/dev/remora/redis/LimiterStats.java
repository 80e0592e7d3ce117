package dev.remora.redis;

/**
 * What a shared limiter has done since it was made. The numbers are read one after the other while the traffic goes on.
 *
 * @param reachable whether all masters that are known can be asked now
 * @param gateways how many gateways are known to share the limits
 * @param keys keys in this process's memory
 * @param waiting requests that wait for Redis now
 * @param questions questions to Redis, about all keys; requests of one key share one
 * @param grants questions that were granted something
 * @param denials questions that asked for something in vain
 * @param late questions that were not answered by the deadline
 * @param refused questions that Redis answered with an error
 * @param degraded decisions by this process alone
 * @param pushes questions by which Redis was charged for what had passed, or was given back what was not used
 * @param dropped units that passed and that Redis will never be charged for, because they are more than may be owed
 */
public record LimiterStats(
        boolean reachable,
        int gateways,
        long keys,
        int waiting,
        long questions,
        long grants,
        long denials,
        long late,
        long refused,
        long degraded,
        long pushes,
        long dropped) {}
