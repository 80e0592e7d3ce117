package dev.remora.redis;

/**
 * What a shared session map has done since it was made. The numbers are read one after the other while the traffic goes on.
 *
 * @param reachable whether all masters that are known can be asked now
 * @param remembered sessions in this process's memory
 * @param asked questions to Redis that a request waited for; requests of one key share one
 * @param late questions that were not answered by the deadline, also those that no request waited for
 * @param refused questions that Redis answered with an error, likewise
 * @param shortcuts requests that would have asked, but did not wait: Redis was not reachable, or too many waited
 * @param presumed sessions that were bound without Redis
 * @param lost presumed sessions that another gateway had bound before
 * @param touches questions that only said that a session is in use
 * @param invalidations changes by others that Redis told of
 * @param unreadable values of a form that this version does not know; they were left alone
 * @param pending what Redis is still to be told
 * @param droppedBinds bindings that it will never be told, because too many waited
 * @param droppedTouches likewise, that a session is in use
 */
public record SessionStats(
        boolean reachable,
        long remembered,
        long asked,
        long late,
        long refused,
        long shortcuts,
        long presumed,
        long lost,
        long touches,
        long invalidations,
        long unreadable,
        int pending,
        long droppedBinds,
        long droppedTouches) {}
