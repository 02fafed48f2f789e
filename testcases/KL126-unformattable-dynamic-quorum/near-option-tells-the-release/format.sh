#!/bin/sh
kafka-storage.sh format --feature group.version=1 -t Jw1VvHcIRz-lwnPSJmuXaQ -c server.properties
