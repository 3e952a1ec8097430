// The tour of the Data API with Debian's Go SDK, against the service at $BERTH_ENDPOINT.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
)

var ctx = context.Background()
var client *redshiftdata.Client
var cluster, database, user = aws.String("redshift-cluster-1"), aws.String("dev"), aws.String("awsuser")

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "not so:", err)
		os.Exit(1)
	}
}

func check(good bool, what string, more ...interface{}) {
	if !good {
		must(fmt.Errorf("%s: %v", what, more))
	}
}

func execute(sql string) string {
	sent, err := client.ExecuteStatement(ctx, &redshiftdata.ExecuteStatementInput{
		Sql: aws.String(sql), ClusterIdentifier: cluster, Database: database, DbUser: user})
	must(err)
	return *sent.Id
}

func ended(id string) *redshiftdata.DescribeStatementOutput {
	for {
		said, err := client.DescribeStatement(ctx, &redshiftdata.DescribeStatementInput{Id: aws.String(id)})
		must(err)
		switch said.Status {
		case types.StatusStringFinished, types.StatusStringFailed, types.StatusStringAborted:
			return said
		}
	}
}

func finished(sql string) *redshiftdata.DescribeStatementOutput {
	said := ended(execute(sql))
	check(said.Status == types.StatusStringFinished, sql, aws.ToString(said.Error))
	return said
}

func listings() {
	databases, err := client.ListDatabases(ctx, &redshiftdata.ListDatabasesInput{
		ClusterIdentifier: cluster, Database: database, DbUser: user})
	must(err)
	check(len(databases.Databases) > 0, "ListDatabases")
	finished("CREATE SCHEMA demo")
	schemas, err := client.ListSchemas(ctx, &redshiftdata.ListSchemasInput{
		ClusterIdentifier: cluster, Database: database, DbUser: user, SchemaPattern: aws.String("demo%")})
	must(err)
	check(len(schemas.Schemas) == 1 && schemas.Schemas[0] == "demo", "ListSchemas", schemas.Schemas)
	finished("CREATE TABLE demo.green_201601 (vendorid VARCHAR(4), ratecode INT, trip_distance FLOAT4)")
	tables, err := client.ListTables(ctx, &redshiftdata.ListTablesInput{
		ClusterIdentifier: cluster, Database: database, DbUser: user,
		SchemaPattern: aws.String("demo"), TablePattern: aws.String("gre%")})
	must(err)
	check(len(tables.Tables) == 1 && *tables.Tables[0].Name == "green_201601", "ListTables")
	table, err := client.DescribeTable(ctx, &redshiftdata.DescribeTableInput{
		ClusterIdentifier: cluster, Database: database, DbUser: user,
		Schema: aws.String("demo"), Table: aws.String("green_201601")})
	must(err)
	check(len(table.ColumnList) == 3 && *table.ColumnList[1].TypeName == "int4", "DescribeTable")
}

func results() {
	said := finished("SELECT ratecode, COUNT(*) FROM demo.green_201601 WHERE trip_distance > 5 GROUP BY 1 ORDER BY 1")
	check(said.ResultRows == 6 && said.HasResultSet != nil && *said.HasResultSet, "DescribeStatement")
	result, err := client.GetStatementResult(ctx, &redshiftdata.GetStatementResultInput{Id: said.Id})
	must(err)
	first, good := result.Records[0][1].(*types.FieldMemberLongValue)
	check(good && first.Value == 700, "GetStatementResult", result.Records)

	large := finished("SELECT i, repeat('x', 100) FROM generate_series(1, 30000) i")
	pages := redshiftdata.NewGetStatementResultPaginator(client, &redshiftdata.GetStatementResultInput{Id: large.Id})
	rows, count := 0, 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		must(err)
		rows += len(page.Records)
		count++
	}
	check(rows == 30000 && count > 2, "a large result by pages", rows, count)
}

func cancel() {
	slow := execute("SELECT pg_sleep(60)")
	for {
		said, err := client.DescribeStatement(ctx, &redshiftdata.DescribeStatementInput{Id: aws.String(slow)})
		must(err)
		if said.Status == types.StatusStringStarted {
			break
		}
	}
	cancelled, err := client.CancelStatement(ctx, &redshiftdata.CancelStatementInput{Id: aws.String(slow)})
	must(err)
	check(*cancelled.Status && ended(slow).Status == types.StatusStringAborted, "CancelStatement")
	_, err = client.CancelStatement(ctx, &redshiftdata.CancelStatementInput{Id: aws.String(slow)})
	var invalid *types.ValidationException
	check(errors.As(err, &invalid) && *invalid.Message != "", "the class and text of an error", err)
}

func main() {
	client = redshiftdata.New(redshiftdata.Options{
		Region:           "us-west-2",
		Credentials:      credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), ""),
		EndpointResolver: redshiftdata.EndpointResolverFromURL(os.Getenv("BERTH_ENDPOINT")),
	})
	finished("DROP SCHEMA IF EXISTS demo CASCADE")
	listings()
	refused := ended(execute("COPY demo.green_201601 FROM 's3://bucket/key' IAM_ROLE 'arn:aws:iam::123456789012:role/Role'"))
	check(os.Getenv("BERTH_TEST_MANNERS") == "redshift" || refused.Status == types.StatusStringFailed, "COPY")
	finished("INSERT INTO demo.green_201601 SELECT 'v', i % 6 + 1, i % 20 FROM generate_series(1, 6000) i")
	results()
	cancel()
	fmt.Println("the tour is done")
}
