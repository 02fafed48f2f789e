#!/bin/sh
kafka-storage.sh format -t Jw1VvHcIRz-lwnPSJmuXaQ -c server.properties
