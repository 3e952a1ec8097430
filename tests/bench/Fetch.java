import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;

/** Reads the rows once for each line of standard input and prints the milliseconds; first the driver's version. */
final class Fetch {
  public static void main(String[] arguments) throws Exception {
    try (Connection connection = DriverManager.getConnection(arguments[0])) {
      connection.setAutoCommit(false); // or the driver reads the whole result into memory first
      System.out.println(
          connection.getMetaData().getDriverVersion() + " on Java " + System.getProperty("java.version"));
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
      while (in.readLine() != null) {
        long began = System.nanoTime();
        read(connection, arguments[1], Integer.parseInt(arguments[2]));
        System.out.println((System.nanoTime() - began) / 1e6);
      }
    }
  }

  private static void read(Connection connection, String sql, int expected) throws Exception {
    int rows = 0;
    long sum = 0;
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(10000);
      try (ResultSet result = statement.executeQuery(sql)) {
        while (result.next()) {
          rows++;
          for (int i = 1; i <= 10; i++) {
            String value = result.getString(i);
            sum += value == null ? 1 : value.length() + value.charAt(0) * 3 + value.charAt(value.length() - 1);
          }
        }
      }
    }
    connection.commit();
    if (rows != expected || sum == 0) {
      throw new IllegalStateException("not all rows came: " + rows);
    }
  }
}
