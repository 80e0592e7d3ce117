package dev.remora.examples.demo;

import java.util.Iterator;
import java.util.Random;

/**
 * One answer before it is spoken.
 *
 * @param createdSeconds when, in seconds since 1970
 * @param finishReason {@code length} when the client's limit ends it, else {@code stop}
 * @param tokens the words, each once
 * @param random where the gaps between them come from
 */
record Answer(
        String id,
        long createdSeconds,
        String backend,
        ChatRequest request,
        String finishReason,
        Iterator<String> tokens,
        Pace pace,
        Random random) {}
