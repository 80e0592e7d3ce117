package dev.remora.examples.demo;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Iterator;
import java.util.Random;
import java.util.SplittableRandom;

/** Thinks up the answers of one back end. Used by the back end's event loop only. */
final class Answers {

    private static final int QUOTED_CHARS = 80;
    private static final int MIN_THOUGHTS = 3;
    private static final int MAX_THOUGHTS = 5;

    private final String name;
    private final Pace pace;
    private final long seed;
    private final Conversations memory;
    private long asked;

    Answers(String name, Pace pace, long seed, Conversations memory) {
        this.name = name;
        this.pace = pace;
        this.seed = seed;
        this.memory = memory;
    }

    Answer answer(ChatRequest request) {
        long number = ++asked;
        // Neighbouring seeds of Random begin alike, so they are mixed first.
        var random = new Random(new SplittableRandom(seed + (number << 32)).nextLong());
        String opening = greeting(request) + quote(request.question());
        boolean cut = request.maxTokens().isPresent();
        Iterator<String> tokens = cut
                ? AnswerText.ofLength(request.maxTokens().getAsInt(), opening, random)
                : AnswerText.ofThoughts(
                        MIN_THOUGHTS + random.nextInt(MAX_THOUGHTS - MIN_THOUGHTS + 1), opening, random);
        return new Answer(
                "chatcmpl-" + name + "-" + number,
                Instant.now().getEpochSecond(),
                name,
                request,
                cut ? "length" : "stop",
                tokens,
                pace,
                random);
    }

    private String greeting(ChatRequest request) {
        if (request.conversation().isEmpty()) {
            return "I am back end " + name + ". You gave me no conversation id, so I cannot remember you.";
        }
        int turn = memory.nextTurn(request.conversation().get());
        String known = "I am back end " + name + " and this is turn " + turn + " that I remember.";
        int elsewhere = request.userTurns() - turn;
        return elsewhere <= 0
                ? known
                : known + " You sent " + count(elsewhere) + " along that I never saw: I had to read all of it again.";
    }

    private static String count(int turns) {
        return turns == 1 ? "one turn" : turns + " turns";
    }

    private static String quote(String question) {
        String oneLine = question.strip().replaceAll("\\s+", " ");
        if (oneLine.isEmpty()) {
            return "";
        }
        boolean whole = oneLine.length() <= QUOTED_CHARS;
        String shown = whole ? oneLine : oneLine.substring(0, QUOTED_CHARS) + "\u2026";
        return " You say: \u201c" + encodable(shown) + "\u201d";
    }

    /** Half a surrogate pair, sent by the client or left by the cut, cannot be written as UTF-8: it becomes a question mark. */
    private static String encodable(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
