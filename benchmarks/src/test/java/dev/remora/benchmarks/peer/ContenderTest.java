package dev.remora.benchmarks.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.benchmarks.peer.Contender.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ContenderTest {

    private static final Keys KEYS = new Keys(2_000, 1);

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLOOR")
    void everyChoiceIsAMemberAndEveryMemberIsChosen(Contender contender) {
        try (Balancer balancer = contender.open(Member.first(4))) {
            assertThat(chosen(contender, balancer)).containsExactly(0, 1, 2, 3);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLOOR")
    void aChangeOfTheMembershipIsSeenByTheNextChooser(Contender contender) {
        try (Balancer first = contender.open(Member.first(4));
                Balancer without = first.change(List.of(new Member(0), new Member(2), new Member(3)))) {
            assertThat(chosen(contender, without)).containsExactly(0, 2, 3);
            try (Balancer again = without.change(Member.first(5))) {
                assertThat(chosen(contender, again)).containsExactly(0, 1, 2, 3, 4);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("keyed")
    void theSameKeyMeetsTheSameMember(Contender contender) {
        try (Balancer balancer = contender.open(Member.first(10))) {
            Chooser chooser = balancer.chooser(KEYS);
            Chooser other = balancer.chooser(KEYS);
            for (int i = 0; i < KEYS.size(); i++) {
                for (int form = 0; form < forms(contender.kind(), chooser).size(); form++) {
                    assertThat(forms(contender.kind(), chooser).get(form).applyAsInt(i))
                            .isEqualTo(forms(contender.kind(), other).get(form).applyAsInt(i));
                }
            }
        }
    }

    @Test
    void aKindOfChoiceThatIsNotItsOwnIsRefused() {
        try (Balancer plain = Contender.ARMERIA_ROUND_ROBIN.open(Member.first(2));
                Balancer byText = Contender.DUBBO_CONSISTENT_HASH.open(Member.first(2))) {
            assertThatThrownBy(() -> plain.chooser(KEYS).byHash(0)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> plain.chooser(KEYS).byText(0)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> plain.chooser(KEYS).open(0)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> byText.chooser(KEYS).byHash(0)).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("counting")
    void streamsThatAreOpenSendOthersElsewhere(Contender contender) {
        try (Balancer balancer = contender.open(Member.first(4))) {
            Chooser chooser = balancer.chooser(KEYS);
            List<OpenStream> streams = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                streams.add(chooser.open(i));
            }
            int[] open = new int[4];
            streams.forEach(stream -> open[stream.member()]++);
            int allWeights =
                    Member.first(4).stream().mapToInt(contender::weight).sum();
            for (Member member : Member.first(4)) {
                assertThat(open[member.id()] * allWeights / (double) contender.weight(member))
                        .as("what member %s has of 400 streams, as if all had as much by weight", member.id())
                        .isLessThan(520);
            }
            streams.forEach(OpenStream::end);
        }
    }

    private static Stream<Contender> keyed() {
        return Stream.of(Contender.values())
                .filter(contender -> contender.kind().keyed());
    }

    private static Stream<Contender> counting() {
        return Stream.of(Contender.values())
                .filter(contender -> contender.kind().countsStreams());
    }

    private static Set<Integer> chosen(Contender contender, Balancer balancer) {
        Chooser chooser = balancer.chooser(KEYS);
        Set<Integer> members = new TreeSet<>();
        if (contender.kind() == Kind.BY_LOAD) {
            // The exact ones among them always give an idle pool's first member.
            List<OpenStream> streams =
                    IntStream.range(0, KEYS.size()).mapToObj(chooser::open).toList();
            streams.forEach(stream -> members.add(stream.member()));
            streams.forEach(OpenStream::end);
            return members;
        }
        for (IntUnaryOperator choice : forms(contender.kind(), chooser)) {
            for (int i = 0; i < KEYS.size(); i++) {
                members.add(choice.applyAsInt(i));
            }
        }
        return members;
    }

    private static List<IntUnaryOperator> forms(Kind kind, Chooser chooser) {
        List<IntUnaryOperator> forms = new ArrayList<>();
        if (!kind.keyed()) {
            forms.add(key -> chooser.withoutKey());
        }
        if (kind.takesHash()) {
            forms.add(chooser::byHash);
        }
        if (kind.takesText()) {
            forms.add(chooser::byText);
        }
        return forms;
    }
}
