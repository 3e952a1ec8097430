// Says of each error what the SDK for JavaScript makes of it: number, name, text. Modelled ones must be of the class of
// that name.
import * as sdk from "@aws-sdk/client-redshift-data";

const client = new sdk.RedshiftDataClient({ endpoint: process.env.BERTH_ENDPOINT, region: "us-west-2", maxAttempts: 1 });
for (let number = 0; number < Number(process.argv[2]); number += 1) {
  const Id = `${String(number).padStart(8, "0")}-0747-4bf4-b142-e8883122f766`;
  try {
    await client.send(new sdk.DescribeStatementCommand({ Id }));
    process.exit(1);
  } catch (error) {
    if (sdk[error.name] && !(error instanceof sdk[error.name])) process.exit(2);
    if (error.$metadata.requestId.length !== 36) process.exit(3);
    console.log(number, error.name, error.message);
  }
}
