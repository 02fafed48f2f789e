#!/bin/sh
kafka-topics.sh --create --bootstrap-server kafka1:9092 --topic uploads
kafka-configs.sh --bootstrap-server kafka1:9092 --alter --entity-type topics --entity-name uploads --add-config max.message.bytes=20971520
