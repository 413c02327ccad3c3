//! One connection. hyper speaks HTTP/1.1 over its socket, and one thread waits for the socket.
//!
//! A call works on the disk, so each connection has a thread anyway, and hyper needs no async runtime. The thread polls
//! hyper, and when hyper can go no further it waits for the socket or for the server's end.

use std::{
    cell::Cell,
    convert::Infallible,
    future::Future,
    io::{self, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    pin::{Pin, pin},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::{Duration, Instant},
};

use hyper::{
    Request, Response,
    body::Incoming,
    rt::{self, ReadBufCursor},
    server::conn::http1,
    service::service_fn,
};

use super::{reply::Outgoing, wait};

/// The most bytes of a request's line and headers.
const HEAD: usize = 16 << 10;

/// The most headers.
const HEADERS: usize = 200;

/// Bytes that are read at a time.
const CHUNK: usize = 1 << 16;

/// The longest time that a connection may be open between two requests.
const IDLE: Duration = Duration::from_secs(60);

/// The longest time that a head may take to arrive.
const SLOWEST_HEAD: Duration = Duration::from_secs(20);

/// The longest time without any progress during a request.
const STALLED: Duration = Duration::from_secs(60);

/// The reason why a connection waits, and the time since which it waits. The socket and the loop of the connection
/// share this value.
#[derive(Debug)]
struct Watch {
    reads: Cell<bool>,
    writes: Cell<bool>,
    /// True while a request is being answered.
    busy: Cell<bool>,
    /// The moment at which the first bytes of a head arrived.
    head: Cell<Option<Instant>>,
    moved: Cell<Instant>,
}

impl Watch {
    /// Returns the moment at which the connection has waited for long enough.
    fn deadline(&self) -> Instant {
        match (self.busy.get(), self.head.get()) {
            (true, _) => self.moved.get() + STALLED,
            (false, Some(began)) => began + SLOWEST_HEAD,
            (false, None) => self.moved.get() + IDLE,
        }
    }
}

/// A socket that does not block, in the form that hyper reads and writes.
#[derive(Debug)]
struct Socket {
    stream: Arc<TcpStream>,
    watch: Rc<Watch>,
    chunk: Box<[u8]>,
}

impl rt::Read for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let Self {
            stream,
            watch,
            chunk,
        } = &mut *self;
        let most = chunk.len().min(buffer.remaining());
        loop {
            match (&**stream).read(&mut chunk[..most]) {
                Ok(n) => {
                    watch.moved.set(Instant::now());
                    if n > 0 && !watch.busy.get() && watch.head.get().is_none() {
                        watch.head.set(Some(Instant::now()));
                    }
                    buffer.put_slice(&chunk[..n]);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    watch.reads.set(true);
                    return Poll::Pending;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl rt::Write for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        loop {
            match (&*self.stream).write_vectored(parts) {
                Ok(n) => {
                    self.watch.moved.set(Instant::now());
                    return Poll::Ready(Ok(n));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.watch.writes.set(true);
                    return Poll::Pending;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.shutdown(Shutdown::Write))
    }
}

/// Notes that hyper wants to be polled again without waiting.
#[derive(Debug, Default)]
struct Again(AtomicBool);

impl Wake for Again {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Serves one connection to its end. Calls `idle` when the connection starts to wait for a request, and when it stops
/// waiting.
pub(super) fn serve<F: Future<Output = Response<Outgoing>>>(
    stream: Arc<TcpStream>,
    bell: &wait::Bell,
    idle: &dyn Fn(bool),
    answer: impl Fn(Request<Incoming>) -> F,
) -> io::Result<()> {
    stream.set_nonblocking(true)?;
    // Without this, the body of an answer would wait until the client acknowledges the head.
    stream.set_nodelay(true)?;
    let watch = Rc::new(Watch {
        reads: Cell::new(false),
        writes: Cell::new(false),
        busy: Cell::new(false),
        head: Cell::new(None),
        moved: Cell::new(Instant::now()),
    });
    let socket = Socket {
        stream: Arc::clone(&stream),
        watch: Rc::clone(&watch),
        chunk: vec![0; CHUNK].into(),
    };
    let service = service_fn(|request| {
        watch.busy.set(true);
        watch.head.set(None);
        idle(false);
        let answered = answer(request);
        let watch = Rc::clone(&watch);
        async move {
            let response = answered.await;
            watch.moved.set(Instant::now());
            watch.busy.set(false);
            Ok::<_, Infallible>(response)
        }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .header_read_timeout(None)
            .max_header_size(HEAD)
            .max_headers(HEADERS)
            .max_buf_size(4 * HEAD)
            .serve_connection(socket, service)
    );
    let again = Arc::new(Again::default());
    let waker = Waker::from(Arc::clone(&again));
    let mut context = Context::from_waker(&waker);
    let mut ending = false;
    loop {
        watch.reads.set(false);
        watch.writes.set(false);
        if bell.has_rung() && !ending {
            ending = true;
            connection.as_mut().graceful_shutdown();
        }
        if let Poll::Ready(ended) = connection.as_mut().poll(&mut context) {
            // A client that went away or does not speak HTTP is not a fault of the server.
            return ended.map_err(io::Error::other);
        }
        if again.0.swap(false, Ordering::Relaxed) {
            continue;
        }
        // A connection whose client reads its answer slowly is not idle.
        idle(!watch.busy.get() && watch.head.get().is_none() && !watch.writes.get());
        let left = watch.deadline().saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        wait::either(
            &stream,
            watch.reads.get(),
            watch.writes.get(),
            (!ending).then_some(bell),
            left,
        )?;
    }
}
