#!/usr/bin/env bash
# inside the container kraft-3, in /opt/kafka
./bin/kafka-storage.sh format -t uE1oJf9aS3iC6lPbG4tVxA -c ./config/kraft/server.properties
./bin/kafka-server-start.sh -daemon ./config/kraft/server.properties
