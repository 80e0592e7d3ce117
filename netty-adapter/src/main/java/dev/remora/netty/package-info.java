/** How does a Netty pipeline relay a request, and the stream that answers it, to the back end that was picked? */
@NullMarked
package dev.remora.netty;

import org.jspecify.annotations.NullMarked;
