package dev.remora.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The official OpenAI client for Java, through the gateway. */
@Timeout(120)
class OpenAiSdkTest {

    private final OpenGateway gateway;
    private final OpenAIClient client;

    OpenAiSdkTest() throws CommandFailed {
        gateway = OpenGateway.with("--tokens-per-second", "2000");
        client = OpenAIOkHttpClient.builder()
                .baseUrl(gateway.uri() + "/v1")
                .apiKey("none")
                .maxRetries(0)
                .build();
    }

    @AfterEach
    void close() {
        client.close();
        gateway.close();
    }

    @Test
    void streamsACompletion() {
        ChatCompletionCreateParams question = question()
                .streamOptions(
                        ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build();

        List<ChatCompletionChunk> chunks;
        try (StreamResponse<ChatCompletionChunk> answer =
                client.chat().completions().createStreaming(question)) {
            chunks = answer.stream().toList();
        }

        assertThat(text(chunks)).startsWith("I am back end").contains("\u201cWho are you?\u201d");
        assertThat(chunks)
                .flatExtracting(ChatCompletionChunk::choices)
                .last()
                .satisfies(choice ->
                        assertThat(choice.finishReason()).contains(ChatCompletionChunk.Choice.FinishReason.STOP));
        assertThat(chunks.get(chunks.size() - 1).usage())
                .hasValueSatisfying(
                        usage -> assertThat(usage.completionTokens()).isEqualTo(chunks.size() - 3L));
    }

    @Test
    void asksForAWholeCompletion() {
        ChatCompletion answer = client.chat()
                .completions()
                .create(question().maxCompletionTokens(12).build());

        assertThat(answer.choices().get(0).message().content())
                .hasValueSatisfying(text -> assertThat(text.split(" ")).hasSize(12));
        assertThat(answer.usage())
                .hasValueSatisfying(
                        usage -> assertThat(usage.completionTokens()).isEqualTo(12));
    }

    private static ChatCompletionCreateParams.Builder question() {
        return ChatCompletionCreateParams.builder().model("demo-chat").addUserMessage("Who are you?");
    }

    private static String text(List<ChatCompletionChunk> chunks) {
        return chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .flatMap(choice -> choice.delta().content().stream())
                .collect(Collectors.joining());
    }
}
