// The Data API's two requests as one would write them in node: http, pg-pool, record and result in PostgreSQL. Requests
// are not verified. Arguments: a connection URL, the number of sessions. Prints its version, then for a line of
// standard input the port that it listens on.
import {randomUUID} from 'node:crypto';
import {readFileSync} from 'node:fs';
import http from 'node:http';
import {createInterface} from 'node:readline';
import pg from 'pg'; // run copies this beside the packages, in the build folder

const [url, size] = [process.argv[2], Number(process.argv[3])];
const pool = new pg.Pool({connectionString: url, max: size});
await pool.query('drop table if exists node_statements');
await pool.query(
    'create table node_statements (id uuid primary key, token text unique, state text not null, sql text not null, ' +
    'created_at timestamptz not null, updated_at timestamptz not null, result text)');

const accept = {
  name: 'accept',
  text:
      'insert into node_statements values ($1, $2, \'SUBMITTED\', $3, now(), now(), null) on conflict (token) do nothing',
};
const end = {
  name: 'end',
  text: 'update node_statements set state = \'FINISHED\', result = $2, updated_at = now() where id = $1',
};
const fetchOne = {
  name: 'fetch',
  text: 'select result from node_statements where id = $1'
};

function field(value) {
  if (value === null) return {isNull: true};
  return typeof value === 'number' ? {longValue: value} : {stringValue: String(value)};
}

async function execute(request) {
  const id = randomUUID();
  await pool.query(accept, [id, request.ClientToken, request.Sql]);
  const done = await pool.query({text: request.Sql, rowMode: 'array'});
  const result = JSON.stringify({
    Records: done.rows.map((row) => row.map(field)),
    ColumnMetadata: done.fields.map((column) => ({name: column.name, label: column.name, typeName: 'int4'})),
    TotalNumRows: done.rows.length,
  });
  await pool.query(end, [id, result]);
  return JSON.stringify({Id: id, Status: 'FINISHED', HasResultSet: true, CreatedAt: Date.now() / 1000});
}

async function answer(target, body) {
  const request = JSON.parse(body);
  if (target === 'RedshiftData.ExecuteStatement') return execute(request);
  return (await pool.query(fetchOne, [request.Id])).rows[0].result;
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    let text = '{}';
    try {
      text = await answer(request.headers['x-amz-target'], Buffer.concat(parts));
      response.statusCode = 200;
    } catch (error) {
      response.statusCode = 500;
      text = JSON.stringify({message: String(error)});
    }
    response.setHeader('Content-Type', 'application/x-amz-json-1.1');
    response.setHeader('Content-Length', Buffer.byteLength(text));
    response.end(text);
  });
});
server.keepAliveTimeout = 600_000;
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const version = (name) =>
    JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;
console.log(`node ${process.versions.node}, http, pg-pool ${version('pg-pool')}, pg ${version('pg')}`);
for await (const _ of createInterface({input: process.stdin})) console.log(server.address().port);
process.exit(0);
