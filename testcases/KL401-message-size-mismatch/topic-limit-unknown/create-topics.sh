#!/bin/sh
kafka-topics.sh --create --bootstrap-server kafka1:9092 --topic uploads --config max.message.bytes=$MAX_BYTES
