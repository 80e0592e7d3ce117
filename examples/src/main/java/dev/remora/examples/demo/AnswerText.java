package dev.remora.examples.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;

/** The words of one answer, token by token: an opening, then thoughts of a fish until it is long enough. */
final class AnswerText implements Iterator<String> {

    private static final List<String> THOUGHTS = List.of(
            "A remora has a flat disc on its head and holds on to a shark, a whale or a turtle for days.",
            "It could swim from host to host all day long, but staying is cheaper.",
            "Every token that you see here left me on its own and was on its way to you at once.",
            "What I have read of our talk is in my memory and nowhere else, so it pays to come back to me.",
            "If somebody pulls my plug now, this sentence will just stop, and nobody should tell you that it was complete.",
            "While I speak to you, a hundred others may be listening to their own answers on this same thread.",
            "When you close the window, I notice, and I stop: there is no use in talking to nobody.",
            "A slow listener makes me slow too, because I never fill a buffer that nobody empties.",
            "The gateway between us counts this stream until its last byte, not until its first.",
            "My neighbours say the same things in another order, which is all that you can expect of us.");

    private final Random random;
    private final boolean endless;
    private String[] words;
    private int next;
    private int left;
    private boolean first = true;

    private AnswerText(String opening, int left, boolean endless, Random random) {
        this.words = opening.split(" ");
        this.left = left;
        this.endless = endless;
        this.random = random;
    }

    /** Exactly {@code tokens} tokens. */
    static AnswerText ofLength(int tokens, String opening, Random random) {
        return new AnswerText(opening, tokens, true, random);
    }

    /** The opening and {@code thoughts} different thoughts. */
    static AnswerText ofThoughts(int thoughts, String opening, Random random) {
        var text = new StringBuilder(opening);
        var shuffled = new ArrayList<>(THOUGHTS);
        Collections.shuffle(shuffled, random);
        shuffled.subList(0, thoughts).forEach(thought -> text.append(' ').append(thought));
        String whole = text.toString();
        return new AnswerText(whole, whole.split(" ").length, false, random);
    }

    @Override
    public boolean hasNext() {
        return left > 0;
    }

    @Override
    public String next() {
        if (left == 0) {
            throw new NoSuchElementException();
        }
        if (next == words.length && endless) {
            words = THOUGHTS.get(random.nextInt(THOUGHTS.size())).split(" ");
            next = 0;
        }
        left--;
        String word = words[next++];
        String token = first ? word : " " + word;
        first = false;
        return token;
    }
}
