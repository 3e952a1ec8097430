import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.apache.tomcat.jdbc.pool.PoolProperties;

/**
 * HikariCP and Tomcat's pool. Arguments: hikari|tomcat, JDBC URL. Prints its versions, then for each line of standard
 * input one line of numbers (times in microseconds):
 *   rate THREADS SESSIONS MS        an acquire and a release of stub sessions, over all threads
 *   wait THREADS SESSIONS HOLD_US MS   p99, p99.9, worst of the wait, slowest to fastest thread, time of a loan
 *   spike                           milliseconds for 50 requests on 5 sessions, sessions at the end
 *   select THREADS MS               SELECT 1, the number a parameter, on as many sessions of the URL
 */
final class Peers {
  private static final int SAMPLES_MAX = 200_000; // of a thread

  private final boolean hikari;
  private final String url;
  private boolean selected;

  private Peers(boolean hikari, String url) {
    this.hikari = hikari;
    this.url = url;
  }

  public static void main(String[] arguments) throws Exception {
    Peers peers = new Peers(arguments[0].equals("hikari"), arguments[1]);
    Package own = peers.hikari ? HikariConfig.class.getPackage() : PoolProperties.class.getPackage();
    System.out.println(own.getName() + ", pgjdbc " + org.postgresql.Driver.class.getPackage().getImplementationVersion()
        + ", Java " + System.getProperty("java.version"));
    peers.warmUp();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      System.out.println(peers.run(words[0], Arrays.stream(words).skip(1).mapToInt(Integer::parseInt).toArray()));
    }
    System.exit(0); // their threads are none of ours
  }

  /** The compiler has seen the way by then. */
  private void warmUp() throws Exception {
    run("rate", new int[] {8, 32, 1500});
    run("wait", new int[] {32, 16, 200, 500});
  }

  private String run(String what, int[] n) throws Exception {
    switch (what) {
      case "rate":
        return rate(n[0], n[1], n[2]);
      case "wait":
        return waits(n[0], n[1], n[2], n[3]);
      case "spike":
        return spike();
      default:
        return select(n[0], n[1]);
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  /** Runs the step in each thread over and over; microseconds per step, over all of them. */
  private static double loop(int threads, int ms, Step step) throws Exception {
    CyclicBarrier start = new CyclicBarrier(threads + 1);
    long[] counts = new long[threads];
    long[] end = new long[1];
    Thread[] all = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      int me = t;
      all[t] = new Thread(() -> {
        try {
          start.await();
          long count = 0;
          do {
            for (int i = 0; i < 16; i++) step.run();
            count += 16;
          } while (System.nanoTime() < end[0]);
          counts[me] = count;
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      });
      all[t].start();
    }
    long began = System.nanoTime();
    end[0] = began + ms * 1_000_000L;
    start.await();
    for (Thread thread : all) thread.join();
    return (System.nanoTime() - began) / 1e3 / Arrays.stream(counts).sum();
  }

  private String rate(int threads, int sessions, int ms) throws Exception {
    DataSource pool = open(new Stub(0), sessions, sessions);
    fill(pool, sessions);
    double us = loop(threads, ms, () -> pool.getConnection().close());
    close(pool);
    return String.valueOf(us);
  }

  private String select(int threads, int ms) throws Exception {
    DataSource pool = open(null, threads, threads);
    fill(pool, threads);
    loop(threads, selected ? 200 : 2000, () -> selectOne(pool)); // first the compiler, then the prepared statements
    selected = true;
    double micros = loop(threads, ms, () -> selectOne(pool));
    close(pool);
    return String.valueOf(micros);
  }

  private static void selectOne(DataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement("SELECT ?::int4")) {
      statement.setInt(1, 1);
      try (ResultSet result = statement.executeQuery()) {
        if (!result.next() || result.getInt(1) != 1) throw new IllegalStateException("SELECT 1 is not 1");
      }
    }
  }

  private String waits(int threads, int sessions, int holdUs, int ms) throws Exception {
    DataSource pool = open(new Stub(0), sessions, sessions);
    fill(pool, sessions);
    CyclicBarrier start = new CyclicBarrier(threads + 1);
    long[][] waited = new long[threads][SAMPLES_MAX];
    int[] counts = new int[threads];
    Thread[] all = new Thread[threads];
    long[] end = new long[1];
    for (int t = 0; t < threads; t++) {
      int me = t;
      all[t] = new Thread(() -> {
        try {
          start.await();
          int n = 0;
          for (long now = System.nanoTime(); now < end[0] && n < SAMPLES_MAX;) {
            Connection connection = pool.getConnection();
            long got = System.nanoTime();
            waited[me][n++] = got - now;
            LockSupport.parkNanos(holdUs * 1000L);
            connection.close();
            now = System.nanoTime();
          }
          counts[me] = n;
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      });
      all[t].start();
    }
    long began = System.nanoTime();
    end[0] = began + ms * 1_000_000L;
    start.await();
    for (Thread thread : all) thread.join();
    double took = (System.nanoTime() - began) / 1e3;
    close(pool);
    long[] samples = new long[Arrays.stream(counts).sum()];
    int at = 0;
    for (int t = 0; t < threads; at += counts[t++]) System.arraycopy(waited[t], 0, samples, at, counts[t]);
    Arrays.sort(samples);
    double fairness = (double) Arrays.stream(counts).min().getAsInt() / Arrays.stream(counts).max().getAsInt();
    return quantile(samples, 0.99) + " " + quantile(samples, 0.999) + " " + quantile(samples, 1) + " " + fairness + " "
        + took / samples.length;
  }

  private static double quantile(long[] sorted, double share) {
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(rank, 1) - 1] / 1e3;
  }

  private String spike() throws Exception {
    final int requests = 50;
    Stub stub = new Stub(150);
    DataSource pool = open(stub, requests, 5);
    while (idle(pool) < 5) LockSupport.parkNanos(1_000_000);
    CyclicBarrier start = new CyclicBarrier(requests + 1);
    Thread[] all = new Thread[requests];
    for (int t = 0; t < requests; t++) {
      all[t] = new Thread(() -> {
        try {
          start.await();
          Connection connection = pool.getConnection();
          LockSupport.parkNanos(2_000_000);
          connection.close();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      });
      all[t].start();
    }
    start.await();
    long began = System.nanoTime();
    for (Thread thread : all) thread.join();
    double ms = (System.nanoTime() - began) / 1e6;
    LockSupport.parkNanos(400_000_000); // logins that are under way end
    int sessions = total(pool);
    close(pool);
    return ms + " " + sessions;
  }

  /** With the default settings of each but for the size. */
  private DataSource open(DataSource stub, int size, int idle) {
    if (hikari) {
      HikariConfig config = new HikariConfig();
      config.setMaximumPoolSize(size);
      config.setMinimumIdle(idle);
      if (stub != null) config.setDataSource(stub);
      else config.setJdbcUrl(url);
      return new HikariDataSource(config);
    }
    PoolProperties properties = new PoolProperties();
    properties.setMaxActive(size);
    properties.setMaxIdle(size);
    properties.setMinIdle(idle);
    properties.setInitialSize(idle);
    if (stub != null) {
      properties.setDataSource(stub);
    } else {
      properties.setUrl(url);
      properties.setDriverClassName("org.postgresql.Driver");
    }
    return new org.apache.tomcat.jdbc.pool.DataSource(properties);
  }

  private static void fill(DataSource pool, int sessions) throws SQLException {
    Connection[] all = new Connection[sessions];
    for (int i = 0; i < sessions; i++) all[i] = pool.getConnection();
    for (Connection connection : all) connection.close();
  }

  private int idle(DataSource pool) {
    return hikari ? ((HikariDataSource) pool).getHikariPoolMXBean().getIdleConnections()
        : ((org.apache.tomcat.jdbc.pool.DataSource) pool).getIdle();
  }

  private int total(DataSource pool) {
    return hikari ? ((HikariDataSource) pool).getHikariPoolMXBean().getTotalConnections()
        : ((org.apache.tomcat.jdbc.pool.DataSource) pool).getSize();
  }

  private void close(DataSource pool) {
    if (hikari) ((HikariDataSource) pool).close();
    else ((org.apache.tomcat.jdbc.pool.DataSource) pool).close(true);
  }

  /** Connections that do nothing, after a login of so many milliseconds. */
  private static final class Stub implements DataSource {
    private final int loginMs;

    Stub(int loginMs) {
      this.loginMs = loginMs;
    }

    @Override
    public Connection getConnection() {
      if (loginMs > 0) LockSupport.parkNanos(loginMs * 1_000_000L);
      return (Connection) Proxy.newProxyInstance(
          Stub.class.getClassLoader(), new Class<?>[] {Connection.class}, Stub::answer);
    }

    @Override
    public Connection getConnection(String user, String password) {
      return getConnection();
    }

    private static Object answer(Object proxy, Method method, Object[] arguments) {
      switch (method.getName()) {
        case "isValid":
        case "getAutoCommit":
          return true;
        case "equals":
          return proxy == arguments[0];
        case "hashCode":
          return System.identityHashCode(proxy);
        case "toString":
          return "stub";
        default:
      }
      Class<?> type = method.getReturnType();
      if (type == boolean.class) return false;
      if (type == int.class) return 0;
      return null;
    }

    @Override
    public java.io.PrintWriter getLogWriter() {
      return null;
    }

    @Override
    public void setLogWriter(java.io.PrintWriter out) {}

    @Override
    public void setLoginTimeout(int seconds) {}

    @Override
    public int getLoginTimeout() {
      return 0;
    }

    @Override
    public java.util.logging.Logger getParentLogger() {
      return null;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
      return null;
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
      return false;
    }
  }
}
