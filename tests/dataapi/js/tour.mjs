// The tour of the Data API with the newest SDK for JavaScript, against the service at $BERTH_ENDPOINT: also what older
// clients cannot send (CSV results, sessions, ListSessions, long polling).
import assert from "node:assert/strict";
import {
  BatchExecuteStatementCommand, CancelStatementCommand, DescribeStatementCommand, DescribeTableCommand,
  ExecuteStatementCommand, GetStatementResultCommand, GetStatementResultV2Command, ListDatabasesCommand,
  ListSchemasCommand, ListSessionsCommand, ListStatementsCommand, ListTablesCommand, RedshiftDataClient,
  paginateGetStatementResult,
} from "@aws-sdk/client-redshift-data";

const redshift = process.env.BERTH_TEST_MANNERS === "redshift";
const client = new RedshiftDataClient({ endpoint: process.env.BERTH_ENDPOINT, region: "us-west-2" });
const where = { ClusterIdentifier: "redshift-cluster-1", Database: "dev", DbUser: "awsuser" };
const send = (Command, input) => client.send(new Command(input));

async function ended(Id) {
  for (;;) {
    const said = await send(DescribeStatementCommand, { Id, WaitTimeSeconds: 10 });
    if (["FINISHED", "FAILED", "ABORTED"].includes(said.Status)) return said;
  }
}
async function finished(Sql, more = {}) {
  const { Id } = await send(ExecuteStatementCommand, { Sql, ...(more.SessionId ? {} : where), ...more });
  const said = await ended(Id);
  assert.equal(said.Status, "FINISHED", `${Sql}: ${said.Error}`);
  return said;
}

await finished("DROP SCHEMA IF EXISTS demo CASCADE");
assert((await send(ListDatabasesCommand, where)).Databases.includes("dev"));
await finished("CREATE SCHEMA demo");
assert.deepEqual((await send(ListSchemasCommand, { ...where, SchemaPattern: "demo%" })).Schemas, ["demo"]);
await finished("CREATE TABLE demo.green_201601 (vendorid VARCHAR(4), ratecode INT, trip_distance FLOAT4)");
const { Tables } = await send(ListTablesCommand, { ...where, TablePattern: "gre%", SchemaPattern: "demo" });
assert.deepEqual(Tables.map((table) => table.name), ["green_201601"]);
const { ColumnList } = await send(DescribeTableCommand, { ...where, Schema: "demo", Table: "green_201601" });
assert.deepEqual(ColumnList.map((column) => column.typeName), ["varchar", "int4", "float4"]);

const copy = await send(ExecuteStatementCommand, {
  ...where, Sql: "COPY demo.green_201601 FROM 's3://bucket/key' IAM_ROLE 'arn:aws:iam::123456789012:role/Role'",
});
assert.equal((await ended(copy.Id)).Status, redshift ? "FINISHED" : "FAILED");
await finished("INSERT INTO demo.green_201601 SELECT 'v', i % 6 + 1, i % 20 FROM generate_series(1, 6000) i");

const waited = await send(ExecuteStatementCommand, {
  ...where, WaitTimeSeconds: 20,
  Sql: "SELECT ratecode, COUNT(*) FROM demo.green_201601 WHERE trip_distance > 5 GROUP BY 1 ORDER BY 1",
});
assert.equal(waited.Status, "FINISHED");
assert.equal(waited.HasResultSet, true);
assert(waited.CreatedAt instanceof Date && waited.RedshiftPid > 0);
const result = await send(GetStatementResultCommand, { Id: waited.Id });
assert.deepEqual(result.Records[0], [{ longValue: 1 }, { longValue: 700 }]);

const csv = await finished("SELECT 1 AS a, 'x,\"y' AS b UNION ALL SELECT 2, NULL ORDER BY 1", { ResultFormat: "CSV" });
const chunks = (await send(GetStatementResultV2Command, { Id: csv.Id })).Records.map((record) => record.CSVRecords);
assert.equal(chunks.join(""), 'a,b\r\n1,"x,""y"\r\n2,\r\n');

const opened = await finished("CREATE TEMP TABLE kept (a INT)", { SessionKeepAliveSeconds: 60 });
const { SessionId } = opened;
assert.match(SessionId, /^[0-9a-f-]{36}$/);
await finished("INSERT INTO kept VALUES (41), (42)", { SessionId });
const kept = await finished("SELECT max(a) FROM kept", { SessionId });
assert.deepEqual((await send(GetStatementResultCommand, { Id: kept.Id })).Records, [[{ longValue: 42 }]]);
const sessions = await send(ListSessionsCommand, {});
assert(sessions.Sessions.some((session) => session.SessionId === SessionId && session.Status === "AVAILABLE"));

const batch = await send(BatchExecuteStatementCommand, {
  ...where, Sqls: ["SELECT 1", "SELECT * FROM no_such_table", "SELECT 3"], ExecutionMode: "AUTO_COMMIT",
});
const parts = await ended(batch.Id);
assert.deepEqual(parts.SubStatements.map((part) => part.Status), ["FINISHED", "FAILED", "FINISHED"]);
const again = { ...where, Sql: "SELECT 7", ClientToken: "tour-js-token" };
assert.equal((await send(ExecuteStatementCommand, again)).Id, (await send(ExecuteStatementCommand, again)).Id);

const slow = await send(ExecuteStatementCommand, { ...where, Sql: "SELECT pg_sleep(60)", WaitTimeSeconds: 1 });
assert.equal(slow.Status, "STARTED");
assert.equal((await send(CancelStatementCommand, { Id: slow.Id })).Status, true);
assert.equal((await ended(slow.Id)).Status, "ABORTED");
assert((await send(ListStatementsCommand, { Status: "ABORTED" })).Statements.some((one) => one.Id === slow.Id));

const large = await finished("SELECT i, repeat('x', 100) FROM generate_series(1, 30000) i");
let rows = 0;
let pages = 0;
for await (const page of paginateGetStatementResult({ client }, { Id: large.Id })) {
  rows += page.Records.length;
  pages += 1;
}
assert.equal(rows, 30000);
assert(pages > 2);
const odd = await finished("SELECT 'NaN'::float8, true, decode('00ff', 'hex'), NULL::int, 'ä€😀', 1.50::numeric(5,2)");
const [nan, yes, , none, text, exact] = (await send(GetStatementResultCommand, { Id: odd.Id })).Records[0];
assert(Number.isNaN(nan.doubleValue));
assert.deepEqual([yes, none, text, exact],
  [{ booleanValue: true }, { isNull: true }, { stringValue: "ä€😀" }, { stringValue: "1.50" }]);
console.log("the tour is done");
