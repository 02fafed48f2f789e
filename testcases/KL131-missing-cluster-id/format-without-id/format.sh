#!/bin/sh
kafka-storage.sh format -c server.properties
