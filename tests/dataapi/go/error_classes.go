// Says of each error what Debian's Go SDK makes of it: number, code, text.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/smithy-go"
)

func main() {
	client := redshiftdata.New(redshiftdata.Options{
		Region:           "us-west-2",
		Credentials:      credentials.NewStaticCredentialsProvider("berth", "berth", ""),
		EndpointResolver: redshiftdata.EndpointResolverFromURL(os.Getenv("BERTH_ENDPOINT")),
		Retryer:          aws.NopRetryer{},
	})
	count, _ := strconv.Atoi(os.Args[1])
	for number := 0; number < count; number++ {
		id := fmt.Sprintf("%08d-0747-4bf4-b142-e8883122f766", number)
		_, err := client.DescribeStatement(context.Background(), &redshiftdata.DescribeStatementInput{Id: aws.String(id)})
		var said smithy.APIError
		if !errors.As(err, &said) {
			fmt.Println(number, "is no error of the service:", err)
			os.Exit(1)
		}
		fmt.Println(number, said.ErrorCode(), said.ErrorMessage())
	}
}
