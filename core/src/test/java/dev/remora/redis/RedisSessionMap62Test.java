package dev.remora.redis;

class RedisSessionMap62Test extends RedisSessionMapContract {
    @Override
    RedisVersion version() {
        return RedisVersion.V6_2;
    }
}
