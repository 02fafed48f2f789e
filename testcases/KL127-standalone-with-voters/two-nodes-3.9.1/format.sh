#!/bin/sh
kafka-storage.sh format -s -t Jw1VvHcIRz-lwnPSJmuXaQ -c k1/server.properties
kafka-storage.sh format -s -t Jw1VvHcIRz-lwnPSJmuXaQ -c k2/server.properties
