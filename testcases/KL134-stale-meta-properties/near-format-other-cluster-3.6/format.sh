#!/bin/sh
kafka-storage.sh format -g -t Jw1VvHcIRz-lwnPSJmuXaQ -c server.properties
