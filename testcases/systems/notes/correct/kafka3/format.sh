#!/bin/sh
cd /opt/kafka && bin/kafka-storage.sh format -t k6UyQ0tSTbW3mZxV8rCj5w -c config/kraft/server.properties
