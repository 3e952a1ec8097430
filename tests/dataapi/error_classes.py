"""Says of each error what boto3 makes of it: number, code, text. Modelled ones must be of the class of that name."""
import os
import sys

import boto3
from botocore.exceptions import ClientError

client = boto3.client("redshift-data", endpoint_url=os.environ["BERTH_ENDPOINT"])
for number in range(int(sys.argv[1])):
    try:
        client.describe_statement(Id=f"{number:08d}-0747-4bf4-b142-e8883122f766")
        sys.exit("no error")
    except ClientError as error:
        code = error.response["Error"]["Code"]
        modelled = getattr(client.exceptions, code, None) if hasattr(client.exceptions, code) else None
        if modelled is not None and type(error) is not modelled:
            sys.exit(f"{code} is a {type(error)}")
        if len(error.response["ResponseMetadata"]["RequestId"]) != 36:
            sys.exit("no request id")
        print(number, code, error.response["Error"]["Message"])
