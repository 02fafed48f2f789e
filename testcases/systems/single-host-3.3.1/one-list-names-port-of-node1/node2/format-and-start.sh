#!/usr/bin/env bash
# inside the container kraft-2, in /opt/kafka
./bin/kafka-storage.sh format -t nB8dKw5MRvK2qXzT7yHs0g -c ./config/kraft/server.properties
./bin/kafka-server-start.sh -daemon ./config/kraft/server.properties
