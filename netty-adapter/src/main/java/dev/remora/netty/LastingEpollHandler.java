package dev.remora.netty;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * Netty's epoll handler, mended in one point. A socket that waits for nothing is taken out of epoll, and Netty 4.2.18
 * forgets that it has done so: when the socket is to wait again, the call that should add it tries to change it and
 * fails. That happens to half-closed tunnels: what the other side still sends is lost as soon as it must wait for the
 * reader. Here such a socket is registered anew.
 */
final class LastingEpollHandler implements IoHandler {

    private final IoHandler epoll;

    private LastingEpollHandler(IoHandler epoll) {
        this.epoll = epoll;
    }

    static IoHandlerFactory newFactory() {
        IoHandlerFactory factory = EpollIoHandler.newFactory();
        return new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(ThreadAwareExecutor executor) {
                return new LastingEpollHandler(factory.newHandler(executor));
            }

            @Override
            public boolean isChangingThreadSupported() {
                return factory.isChangingThreadSupported();
            }
        };
    }

    @Override
    public void initialize() {
        epoll.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        return epoll.run(context);
    }

    @Override
    public void prepareToDestroy() {
        epoll.prepareToDestroy();
    }

    @Override
    public void destroy() {
        epoll.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return new Registration(handle, epoll.register(handle));
    }

    @Override
    public void wakeup() {
        epoll.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return epoll.isCompatible(type);
    }

    /** Used on its event loop, but for {@link #cancel} and {@link #isValid}. */
    private final class Registration implements IoRegistration {

        private final IoHandle handle;
        private volatile IoRegistration present;
        private boolean added;
        private boolean removed;

        Registration(IoHandle handle, IoRegistration present) {
            this.handle = handle;
            this.present = present;
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // Netty's signature
        public <T> T attachment() {
            return present.attachment();
        }

        @Override
        public long submit(IoOps ops) {
            boolean nothing = ops instanceof EpollIoOps epollOps && epollOps.value() == EpollIoOps.NONE.value();
            if (nothing && removed) {
                return 0;
            }
            if (!nothing && removed && present.isValid()) {
                registerAnew();
            }
            long submitted = present.submit(ops);
            removed = nothing && added;
            added = !nothing;
            return submitted;
        }

        private void registerAnew() {
            present.cancel();
            try {
                present = epoll.register(handle);
            } catch (Exception e) {
                throw new IllegalStateException("a socket could not be registered again", e);
            }
            added = false;
            removed = false;
        }

        @Override
        public boolean isValid() {
            return present.isValid();
        }

        @Override
        public boolean cancel() {
            return present.cancel();
        }
    }
}
