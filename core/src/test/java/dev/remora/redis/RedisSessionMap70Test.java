package dev.remora.redis;

class RedisSessionMap70Test extends RedisSessionMapContract {
    @Override
    RedisVersion version() {
        return RedisVersion.V7_0;
    }
}
